import type {
  Diagnosis,
  FailurePattern,
  Log,
  PatternRef,
  PatternRepository,
  PatternSighting,
} from '@app/domain';
import { diagnosisKey, type StoredDiagnosisCopies } from './stored-diagnosis-copies.js';

/** A known failure's diagnosis comes from its hot copy; everything else from the database. */
export class CachedPatternRepository implements PatternRepository {
  constructor(
    private readonly inner: PatternRepository,
    private readonly copies: StoredDiagnosisCopies,
    private readonly log: Log,
  ) {}

  recordSighting(sighting: PatternSighting): Promise<FailurePattern> {
    return this.inner.recordSighting(sighting);
  }

  async findDiagnosis(pattern: PatternRef, analyst: string): Promise<Diagnosis | null> {
    const load = () => this.inner.findDiagnosis(pattern, analyst);
    const { diagnosis, isCopy } = await this.copies.findOrLoad(pattern, analyst, load);
    if (isCopy) {
      const cacheKey = diagnosisKey(pattern).id;
      this.log.info(
        { projectId: pattern.projectId, cacheKey, diagnosisId: diagnosis!.id },
        'project_analysis_cache_hit',
      );
    }
    return diagnosis;
  }

  async invalidateDiagnosis(pattern: PatternRef): Promise<void> {
    await this.inner.invalidateDiagnosis(pattern);
    await this.copies.drop(pattern);
  }

  find(projectId: string, fingerprint: string): Promise<FailurePattern | null> {
    return this.inner.find(projectId, fingerprint);
  }
}
