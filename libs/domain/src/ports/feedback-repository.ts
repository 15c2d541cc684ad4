import type { Correction, Feedback } from '../feedback.js';
import type { PatternRef } from './diagnosis-repository.js';

export abstract class FeedbackRepository {
  /**
   * Stores a verdict with its trace on the incident's timeline. A diagnosis that it contradicts is taken from the pattern,
   * and so is any other with the same cause; where the cause is wrong, incidents that show it are no examples for others.
   * All in one transaction. Answers the pattern.
   * @throws IncidentNotFound
   */
  abstract record(feedback: Feedback): Promise<PatternRef | null>;
  /** The oldest first. */
  abstract ofIncident(incidentId: string): Promise<readonly Feedback[]>;
  /** What people said against diagnoses of the pattern; null when nobody did. */
  abstract correctionOf(patternId: string): Promise<Correction | null>;
}
