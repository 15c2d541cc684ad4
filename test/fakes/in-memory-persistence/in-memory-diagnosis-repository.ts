import {
  IncidentNotFound,
  InvalidInput,
  type Diagnosis,
  type DiagnosisRepository,
  type FallbackQuery,
  type IncidentDiagnosis,
  type PatternRef,
} from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryDiagnosisRepository implements DiagnosisRepository {
  constructor(private readonly store: MemoryStore) {}

  async save(diagnosis: Diagnosis): Promise<PatternRef> {
    if (!this.store.incidents.has(diagnosis.incidentId)) throw new IncidentNotFound(diagnosis.incidentId);
    const pattern = this.store.patterns.get(diagnosis.patternId);
    if (!pattern) throw new InvalidInput(`No failure pattern ${diagnosis.patternId}.`);
    this.store.diagnoses.set(diagnosis.id, copy(diagnosis));
    this.store.invalidated.delete(diagnosis.id);
    pattern.diagnosisId = diagnosis.id;
    const { id, projectId, fingerprint } = pattern;
    return { id, projectId, fingerprint };
  }

  async ofIncident(incidentId: string): Promise<IncidentDiagnosis | null> {
    const id = this.store.incidents.get(incidentId)?.diagnosisId;
    if (!id) return null;
    const { reused, citations } = this.store.shown.get(`${incidentId}:${id}`)!;
    const contradicted = this.store.invalidated.has(id);
    return copy({ diagnosis: this.store.diagnoses.get(id)!, reused, citations, contradicted });
  }

  async fellBack(query: FallbackQuery): Promise<readonly string[]> {
    const offers = (id: string) =>
      this.store.events.filter(
        ({ incidentId, facts }) => incidentId === id && facts['cause'] === query.offer,
      );
    return [...this.store.incidents.values()]
      .filter(({ id, status }) => status === 'diagnosed' && offers(id).length < query.maxOffers)
      .map(({ id, diagnosisId }) => ({ id, diagnosis: this.store.diagnoses.get(diagnosisId ?? '') }))
      .filter(({ diagnosis }) => {
        const code = diagnosis?.fallbackReason?.split(':')[0];
        return code !== undefined && query.codes.includes(code) && diagnosis!.createdAt < query.madeBefore;
      })
      .toSorted(
        (a, b) =>
          a.diagnosis!.createdAt.getTime() - b.diagnosis!.createdAt.getTime() || a.id.localeCompare(b.id),
      )
      .slice(0, query.limit)
      .map(({ id }) => id);
  }
}
