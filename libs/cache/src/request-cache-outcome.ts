import { AsyncLocalStorage } from 'node:async_hooks';
import type { CacheLoad } from '@app/domain';

export type CacheAnswer = CacheLoad<unknown>['outcome'];

/** What tells most of a request that asked several times: one miss makes it one. */
const TELLING: readonly CacheAnswer[] = ['miss', 'stale', 'bypass', 'hit'];

const current = new AsyncLocalStorage<{ answer: CacheAnswer | null }>();

/** How the cached reads of one request were answered, whichever decorator made them. */
export const RequestCacheOutcome = {
  /** Runs `handle` with an outcome of its own, which `current` gives anywhere below it. */
  run<T>(handle: () => T): T {
    return current.run({ answer: null }, handle);
  },

  /** Null: nothing was asked for that is cached. */
  current(): CacheAnswer | null {
    return current.getStore()?.answer ?? null;
  },

  note(answer: CacheAnswer): void {
    const store = current.getStore();
    if (!store) return;
    const known = store.answer;
    if (known === null || TELLING.indexOf(answer) < TELLING.indexOf(known)) store.answer = answer;
  },
};
