import type {
  Diagnosis,
  DiagnosisRepository,
  FallbackQuery,
  IncidentDiagnosis,
  PatternRef,
} from '@app/domain';
import type { StoredDiagnosisCopies } from './stored-diagnosis-copies.js';

/** Drops the hot copy of what a newly stored diagnosis replaces. */
export class CachedDiagnosisRepository implements DiagnosisRepository {
  constructor(
    private readonly inner: DiagnosisRepository,
    private readonly copies: StoredDiagnosisCopies,
  ) {}

  async save(diagnosis: Diagnosis): Promise<PatternRef> {
    const pattern = await this.inner.save(diagnosis);
    await this.copies.drop(pattern);
    return pattern;
  }

  ofIncident(incidentId: string): Promise<IncidentDiagnosis | null> {
    return this.inner.ofIncident(incidentId);
  }

  fellBack(query: FallbackQuery): Promise<readonly string[]> {
    return this.inner.fellBack(query);
  }
}
