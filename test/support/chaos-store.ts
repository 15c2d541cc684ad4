import type { SharedStore } from '@app/cache';

export interface ChaosOptions {
  /** Part of the calls that fail before they are made. */
  readonly failing: number;
  /** Part of the calls that are made, while their caller is told that they failed. */
  readonly unheard: number;
  /** Longest delay before a call, in milliseconds. */
  readonly delayMs: number;
  readonly random: () => number;
}

/** Calls that prove the store is there, or end it, are left alone. */
const SPARED = new Set<PropertyKey>(['connected', 'sync', 'ping', 'close']);

/** A store behind a bad network: calls come late, fail, or succeed without their caller hearing of it. */
export function chaosStore(store: SharedStore, options: ChaosOptions): SharedStore {
  return new Proxy(store, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      const call = (...args: unknown[]): Promise<unknown> =>
        Reflect.apply(member, target, args) as Promise<unknown>;
      if (SPARED.has(property)) return call;
      return async (...args: unknown[]) => {
        await new Promise((resolve) => setTimeout(resolve, options.random() * options.delayMs));
        const luck = options.random();
        if (luck < options.failing) throw new Error('chaos: the call was not made');
        const answer = await call(...args);
        if (luck > 1 - options.unheard) throw new Error('chaos: the answer was lost');
        return answer;
      };
    },
  });
}

/** Mulberry32: the same seed gives the same numbers. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
