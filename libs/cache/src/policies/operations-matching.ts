import { CACHE_OPERATIONS, type CacheOperation } from '@app/domain';
import { CACHE_POLICIES } from './cache-policies.js';

/** A part of the cache: what `Cache.deleteByPattern` takes. */
export interface PartOfCache {
  readonly operation: CacheOperation;
  readonly glob: string;
}

/**
 * The parts of the cache that a pattern over whole keys, without the prefix, names: `facets:*`, `llm:classify:*`,
 * `github:*:octo:app:*` (each namespace that a `*` between colons stands for), `*` (all). Empty when it is of no kind of entry.
 */
export function operationsMatching(pattern: string): PartOfCache[] {
  return CACHE_OPERATIONS.flatMap((operation) => {
    const glob = restOf(pattern.split(':'), CACHE_POLICIES[operation].namespace.split(':'));
    return glob === null ? [] : [{ operation, glob }];
  });
}

/** The parts of the cache in a namespace or below it: `llm` is all of `llm:classify`, `llm:chat` …; empty for an unknown one. */
export function operationsIn(namespace: string): PartOfCache[] {
  return CACHE_OPERATIONS.filter((operation) =>
    `${CACHE_POLICIES[operation].namespace}:`.startsWith(`${namespace}:`),
  ).map((operation) => ({ operation, glob: '*' }));
}

/** Every namespace there is, for people who named another. */
export function namespacesOf(): string[] {
  return [...new Set(CACHE_OPERATIONS.map((operation) => CACHE_POLICIES[operation].namespace))].toSorted();
}

/** What a pattern says of the keys within a namespace; null when it says nothing of them. */
function restOf(pattern: readonly string[], namespace: readonly string[]): string | null {
  for (const [at, part] of namespace.entries()) {
    const said = pattern[at];
    if (said === undefined) return null;
    // The last star stands for everything that follows.
    if (said === '*' && at === pattern.length - 1) return '*';
    if (said !== '*' && said !== part) return null;
  }
  const rest = pattern.slice(namespace.length);
  return rest.length === 0 ? null : rest.join(':');
}
