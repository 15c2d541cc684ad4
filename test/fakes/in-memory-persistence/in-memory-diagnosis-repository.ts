import {
  IncidentNotFound,
  InvalidInput,
  type Diagnosis,
  type DiagnosisRepository,
  type IncidentDiagnosis,
} from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryDiagnosisRepository implements DiagnosisRepository {
  constructor(private readonly store: MemoryStore) {}

  async save(diagnosis: Diagnosis): Promise<void> {
    if (!this.store.incidents.has(diagnosis.incidentId)) throw new IncidentNotFound(diagnosis.incidentId);
    const pattern = this.store.patterns.get(diagnosis.patternId);
    if (!pattern) throw new InvalidInput(`No failure pattern ${diagnosis.patternId}.`);
    this.store.diagnoses.set(diagnosis.id, copy(diagnosis));
    pattern.diagnosisId = diagnosis.id;
  }

  async ofIncident(incidentId: string): Promise<IncidentDiagnosis | null> {
    const id = this.store.incidents.get(incidentId)?.diagnosisId;
    if (!id) return null;
    return copy({
      diagnosis: this.store.diagnoses.get(id)!,
      ...this.store.shown.get(`${incidentId}:${id}`)!,
    });
  }
}
