import { describe, expect, it } from 'vitest';
import type { Counters } from './counters.js';
import { FallbackCounters } from './fallback-counters.js';
import { InProcessCounters } from './in-process-counters.js';

/** Shared counters that a test takes away and brings back. */
class Shared implements Counters {
  away = false;
  private readonly counters = new InProcessCounters();

  async add(...[name, amount, bound]: Parameters<Counters['add']>) {
    // As over a network: others have their turn before the answer.
    await new Promise(setImmediate);
    if (this.away) throw new Error('away');
    return this.counters.add(name, amount, bound);
  }

  async read(names: readonly string[]) {
    if (this.away) throw new Error('away');
    return this.counters.read(names);
  }
}

const bound = { limit: 10, expiresAtMs: Date.now() + 60_000 };

describe('FallbackCounters', () => {
  it('goes on from the total it saw last while the shared counters are away', async () => {
    const shared = new Shared();
    const counters = new FallbackCounters(shared, new InProcessCounters());
    await shared.add('calls', 3, bound);
    await counters.add('calls', 4, bound);
    shared.away = true;
    expect(await counters.add('calls', 3, bound)).toEqual({ added: true, total: 10 });
    expect(await counters.add('calls', 1, bound)).toEqual({ added: false, total: 10 });
    expect(await counters.read(['calls'])).toEqual([10]);
  });

  it('hands over once what was counted meanwhile, whoever comes first', async () => {
    const shared = new Shared();
    const counters = new FallbackCounters(shared, new InProcessCounters());
    shared.away = true;
    for (const name of ['a', 'b', 'a']) await counters.add(name, 2, bound);
    shared.away = false;
    await Promise.all(Array.from({ length: 20 }, () => counters.add('c', 1, { ...bound, limit: null })));
    expect(await shared.read(['a', 'b', 'c'])).toEqual([4, 2, 20]);
  });
});
