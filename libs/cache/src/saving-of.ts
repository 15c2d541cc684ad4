import type { CacheSaving, CacheWriteOptions } from '@app/domain';

/**
 * What each hit on a value saves: as its writer said, figure by figure, otherwise as it was measured.
 * @param loadMs how long its loader took; a value that was set, not loaded, has none
 */
export function savingOf<T>(
  value: T,
  options: CacheWriteOptions<T> | undefined,
  loadMs?: number,
): Required<CacheSaving> {
  const said = typeof options?.saves === 'function' ? options.saves(value) : options?.saves;
  const measured = loadMs === undefined ? { latencyMs: 0, calls: 0 } : { latencyMs: loadMs, calls: 1 };
  return { costUsd: 0, ...measured, ...said };
}
