import {
  contradicts,
  type Correction,
  type Feedback,
  type FeedbackRepository,
  type PatternRef,
} from '@app/domain';
import type { StoredDiagnosisCopies } from './stored-diagnosis-copies.js';

/** Drops the hot copies of a project in which a person contradicted a diagnosis. */
export class CachedFeedbackRepository implements FeedbackRepository {
  constructor(
    private readonly inner: FeedbackRepository,
    private readonly copies: StoredDiagnosisCopies,
  ) {}

  async record(feedback: Feedback): Promise<PatternRef | null> {
    const pattern = await this.inner.record(feedback);
    // People judge seldom, and a verdict may reach more than one diagnosis: all of the project's are read again.
    if (contradicts(feedback)) await this.copies.dropAll(feedback.projectId);
    return pattern;
  }

  ofIncident(incidentId: string): Promise<readonly Feedback[]> {
    return this.inner.ofIncident(incidentId);
  }

  correctionOf(patternId: string): Promise<Correction | null> {
    return this.inner.correctionOf(patternId);
  }
}
