import { hashOf, repositoryScope } from '@app/cache';
import type { Cache, RepositoryRef, ScopedCacheKey, ScopedOperation } from '@app/domain';

/** How long an answer is kept to be revalidated: beyond that nobody is likely to ask again. */
const KEPT_MS = 24 * 3_600_000;

export type GithubOperation = Extract<ScopedOperation, `github.${string}`>;

/** An answer as it is kept: what was made of it, not what GitHub sent, which may hold secrets. */
export interface KeptAnswer<T> {
  readonly etag: string;
  readonly value: T;
  /** Whether the list goes on with another page. */
  readonly hasMore: boolean;
}

/**
 * Answers that may change, kept longer than they are served without asking, together with their ETags: GitHub is asked
 * whether they still hold, and a 304 costs no quota.
 */
export class Revalidation {
  constructor(private readonly cache: Cache | null) {}

  async find<T>(key: ScopedCacheKey): Promise<KeptAnswer<T> | undefined> {
    return this.cache?.get<KeptAnswer<T>>(key);
  }

  async keep<T>(key: ScopedCacheKey, answer: KeptAnswer<T>): Promise<void> {
    await this.cache?.set(key, answer, { ttlMs: KEPT_MS });
  }
}

/** @param request what makes the answer: route and parameters */
export function answerKey(
  operation: GithubOperation,
  repository: RepositoryRef,
  request: unknown,
): ScopedCacheKey {
  return { operation, scope: repositoryScope(repository), id: `etag:${hashOf(request)}` };
}
