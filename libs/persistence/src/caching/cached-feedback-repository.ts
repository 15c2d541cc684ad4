import type { Correction, Feedback, FeedbackRepository } from '@app/domain';
import type { StoredDiagnosisCopies } from './stored-diagnosis-copies.js';

/** Drops the hot copies of a project in which a person found a cause wrong. */
export class CachedFeedbackRepository implements FeedbackRepository {
  constructor(
    private readonly inner: FeedbackRepository,
    private readonly copies: StoredDiagnosisCopies,
  ) {}

  async record(feedback: Feedback): Promise<void> {
    await this.inner.record(feedback);
    // People judge seldom, and a verdict may reach more than one diagnosis: all of the project's are read again.
    if (feedback.rootCause === 'wrong') await this.copies.dropAll(feedback.projectId);
  }

  ofIncident(incidentId: string): Promise<readonly Feedback[]> {
    return this.inner.ofIncident(incidentId);
  }

  correctionOf(patternId: string): Promise<Correction | null> {
    return this.inner.correctionOf(patternId);
  }
}
