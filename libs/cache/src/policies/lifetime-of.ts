import type { CacheWriteOptions } from '@app/domain';
import type { CachePolicy } from './cache-policies.js';

/** How long a value is served as it is: as its writer says, or else as its kind is kept. Milliseconds. */
export function lifetimeOf<T>(
  value: T,
  options: CacheWriteOptions<T> | undefined,
  policy: Pick<CachePolicy, 'ttlMs'>,
): number {
  const chosen = typeof options?.ttlMs === 'function' ? options.ttlMs(value) : options?.ttlMs;
  return chosen ?? policy.ttlMs;
}
