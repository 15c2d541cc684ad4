import {
  correctionFrom,
  IncidentNotFound,
  outcomeWeightOf,
  type Correction,
  type Feedback,
  type FeedbackRepository,
} from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryFeedbackRepository implements FeedbackRepository {
  constructor(private readonly store: MemoryStore) {}

  async record(feedback: Feedback): Promise<void> {
    const { incidentId, patternId, diagnosisId, rootCause, solution, actualCause, note } = feedback;
    if (!this.store.incidents.has(incidentId!)) throw new IncidentNotFound(incidentId!);
    this.store.feedback.push(copy(feedback));
    const facts = { rootCause, solution, actualCause, note, by: feedback.givenBy };
    this.store.addEvent(incidentId!, 'feedback', { from: null, to: null }, facts);
    this.store.incidents.get(incidentId!)!.outcomeWeight = outcomeWeightOf(rootCause, solution);
    if (rootCause !== 'wrong' || patternId === null) return;
    for (const diagnosis of this.store.diagnoses.values()) {
      const isJudged =
        diagnosis.id === diagnosisId || diagnosis.rootCause.primaryCause === feedback.judgedCause;
      if (diagnosis.patternId !== patternId || !isJudged) continue;
      this.store.invalidated.add(diagnosis.id);
      for (const row of this.store.incidents.values())
        if (row.diagnosisId === diagnosis.id) row.outcomeWeight = -1;
    }
  }

  async ofIncident(incidentId: string): Promise<readonly Feedback[]> {
    return copy(this.store.feedback.filter((feedback) => feedback.incidentId === incidentId));
  }

  async correctionOf(patternId: string): Promise<Correction | null> {
    const isFamily = (id: string | null) =>
      id === patternId || this.store.patterns.get(id ?? '')?.mergedInto === patternId;
    return correctionFrom(this.store.feedback.filter((feedback) => isFamily(feedback.patternId)));
  }
}
