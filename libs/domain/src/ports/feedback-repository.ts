import type { Correction, Feedback } from '../feedback.js';

export abstract class FeedbackRepository {
  /**
   * Stores a verdict with its trace on the incident's timeline. A cause that it calls wrong is taken from the pattern: the
   * diagnosis is not reused any more, and incidents that show it are no examples for others. All in one transaction.
   * @throws IncidentNotFound
   */
  abstract record(feedback: Feedback): Promise<void>;
  /** The oldest first. */
  abstract ofIncident(incidentId: string): Promise<readonly Feedback[]>;
  /** What people said against diagnoses of the pattern; null when nobody did. */
  abstract correctionOf(patternId: string): Promise<Correction | null>;
}
