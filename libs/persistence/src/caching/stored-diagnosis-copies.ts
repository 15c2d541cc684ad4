import type { Cache, CacheKey, Diagnosis, PatternRef } from '@app/domain';

/** A load that found no diagnosis: nothing is kept of it. */
class NoDiagnosis extends Error {}

/** Hot copies of what patterns' stored diagnoses are: `project:{id}:analysis:{fingerprint}`. */
export class StoredDiagnosisCopies {
  constructor(private readonly cache: Cache) {}

  /**
   * The copy, or what `load` finds. A copy that another analyst made is none: who would answer now (another model,
   * another version of a prompt) asks the database.
   */
  async findOrLoad(
    pattern: PatternRef,
    analyst: string,
    load: () => Promise<Diagnosis | null>,
  ): Promise<{ diagnosis: Diagnosis | null; isCopy: boolean }> {
    let loaded: Diagnosis | null | undefined;
    try {
      const { value, outcome } = await this.cache.getOrLoad(diagnosisKey(pattern), async () => {
        loaded = await load();
        if (loaded === null) throw new NoDiagnosis();
        return loaded;
      });
      const isOwn = value.analyst === analyst;
      return isOwn
        ? { diagnosis: value, isCopy: outcome === 'hit' }
        : { diagnosis: await load(), isCopy: false };
    } catch (error) {
      if (!(error instanceof NoDiagnosis)) throw error;
      // The load may have been another caller's, who may have asked for another analyst.
      return { diagnosis: loaded === undefined ? await load() : loaded, isCopy: false };
    }
  }

  async drop(pattern: PatternRef): Promise<void> {
    await this.cache.delete(diagnosisKey(pattern));
  }

  async dropAll(projectId: string): Promise<void> {
    await this.cache.deleteByPattern('project', `${projectId}:analysis:*`);
  }
}

export function diagnosisKey({ projectId, fingerprint }: PatternRef): CacheKey {
  return { operation: 'project', scope: projectId, id: `analysis:${fingerprint}` };
}
