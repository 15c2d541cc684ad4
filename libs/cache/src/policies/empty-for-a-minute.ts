import type { CacheWriteOptions } from '@app/domain';

const EMPTY_MS = 60_000;

/**
 * For searches whose entries nothing new drops: that nothing was found is soon untrue, and then tells people that
 * nothing is known. What was found ages with its policy.
 */
export const EMPTY_FOR_A_MINUTE: CacheWriteOptions<readonly unknown[]> = {
  ttlMs: (found) => (found.length === 0 ? EMPTY_MS : undefined),
};
