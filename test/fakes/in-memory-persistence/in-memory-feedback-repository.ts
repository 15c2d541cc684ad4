import {
  correctionFrom,
  contradicts,
  IncidentNotFound,
  outcomeWeightOf,
  type Correction,
  type Feedback,
  type FeedbackRepository,
  type PatternRef,
} from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryFeedbackRepository implements FeedbackRepository {
  constructor(private readonly store: MemoryStore) {}

  async record(feedback: Feedback): Promise<PatternRef | null> {
    const { incidentId, patternId, diagnosisId, rootCause, solution, actualCause, note } = feedback;
    if (!this.store.incidents.has(incidentId!)) throw new IncidentNotFound(incidentId!);
    this.store.feedback.push(copy(feedback));
    const facts = { rootCause, solution, actualCause, note, by: feedback.givenBy };
    this.store.addEvent(incidentId!, 'feedback', { from: null, to: null }, facts);
    this.store.incidents.get(incidentId!)!.outcomeWeight = outcomeWeightOf(rootCause, solution);
    const pattern = this.store.patterns.get(patternId ?? '');
    if (!pattern) return null;
    for (const diagnosis of this.store.diagnoses.values()) {
      const isJudged =
        diagnosis.id === diagnosisId || diagnosis.rootCause.primaryCause === feedback.judgedCause;
      if (diagnosis.patternId !== patternId || !isJudged) continue;
      if (contradicts(feedback)) this.store.invalidated.add(diagnosis.id);
      if (rootCause !== 'wrong') continue;
      for (const row of this.store.incidents.values())
        if (row.diagnosisId === diagnosis.id) row.outcomeWeight = -1;
    }
    const { id, projectId, fingerprint } = pattern;
    return { id, projectId, fingerprint };
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
