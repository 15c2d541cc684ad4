import type { CacheFigures } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { cacheAdvice } from './cache-advice.js';

const used = (hits: number, misses: number) => ({ hits, misses, sets: 0, deletes: 0, bytesStored: 0 });
const figures = (changed: Partial<CacheFigures>): CacheFigures => ({
  backend: 'two_tier',
  at: new Date('2026-11-20T10:00:00Z'),
  hits: 900,
  misses: 100,
  sets: 0,
  deletes: 0,
  errors: 0,
  redisConnected: true,
  namespaces: { facets: used(899, 1), 'github:repo': used(1, 99) },
  redis: null,
  memory: { entries: 10, maxEntries: 1_000, bytes: 1, maxBytes: 2, defaultTtlMs: 1 },
  ...changed,
});

describe('cacheAdvice', () => {
  it.each([
    ['Redis is away', { redisConnected: false }, /Redis is away/],
    ['calls fail', { errors: 50 }, /50 calls of Redis failed/],
    ['there were few reads', { hits: 3, misses: 3 }, /Only 6 reads/],
    ['all is well', {}, /Nothing to do/],
    ['the memory tier is full', { hits: 100, misses: 900, memory: full() }, /raise CACHE_MAX_SIZE/],
    ['one namespace misses', { hits: 100, misses: 900 }, /github:repo \(99 of 100 reads\)/],
  ] as const)('says what to do when %s', (_when, changed, expected) => {
    expect(cacheAdvice(figures(changed))).toMatch(expected);
  });

  it('does not call a cache in memory alone one whose Redis is away', () => {
    expect(cacheAdvice(figures({ backend: 'memory', redisConnected: false }))).toMatch(/Nothing to do/);
  });
});

function full() {
  return { entries: 990, maxEntries: 1_000, bytes: 1, maxBytes: 2, defaultTtlMs: 1 };
}
