import { describe, expect, it } from 'vitest';
import { CacheNames } from '../policies/cache-names.js';
import { CACHE_POLICIES } from '../policies/cache-policies.js';
import { PendingInvalidations } from './pending-invalidations.js';

const names = new CacheNames('p', CACHE_POLICIES);
const facets = names.namespaceOf('p:facets:');
const search = names.namespaceOf('p:search:');
const open = () => new PendingInvalidations({ names: 3, patterns: 2 });

describe('PendingInvalidations', () => {
  it('covers what was remembered until it is settled', () => {
    const pending = open();
    pending.addName('p:facets:a', facets);
    const asked = pending.beginPattern(names.matching('search', 'x*'), search);
    expect(['p:facets:a', 'p:facets:b', 'p:search:x1'].map((name) => pending.covers(name))).toEqual([
      true,
      false,
      true,
    ]);
    pending.settle(pending.read());
    pending.settle(asked);
    expect(pending.covers('p:facets:a') || pending.covers('p:search:x1')).toBe(false);
    expect(pending.empty).toBe(true);
  });

  it('keeps what was asked for again while it was being settled', () => {
    const pending = open();
    pending.addName('p:facets:a', facets);
    const first = pending.read();
    pending.addName('p:facets:a', facets);
    pending.settle(first);
    expect(pending.covers('p:facets:a')).toBe(true);
  });

  it('forgets a name that was overwritten since, unless it was asked for again', () => {
    const pending = open();
    pending.addName('p:facets:a', facets);
    const { asked } = pending;
    pending.addName('p:facets:b', facets);
    pending.confirm([{ name: 'p:facets:a' }, { name: 'p:facets:b' }], asked);
    expect([pending.covers('p:facets:a'), pending.covers('p:facets:b')]).toEqual([false, true]);
  });

  it('leaves a pattern that is being deleted to whoever deletes it, unless that fails', () => {
    const pending = open();
    const asked = pending.beginPattern(names.matching('search', '*'), search);
    expect(pending.read().patterns).toEqual([]);
    pending.failed(asked);
    expect(pending.read().patterns).toHaveLength(1);
  });

  it('remembers a whole namespace past the bound of names, and none of its names beside', () => {
    const pending = open();
    for (const id of ['a', 'b', 'c', 'd', 'e']) pending.addName(`p:facets:${id}`, facets);
    expect(pending.read()).toMatchObject({ names: [], raised: [[{ namespace: 'facets' }, 5]] });
    expect(pending.covers('p:facets:never-named')).toBe(true);
    expect(pending.covers('p:search:x')).toBe(false);
    pending.addName('p:search:x', search);
    expect(pending.read().names).toHaveLength(1);
  });

  it('remembers a whole namespace past the bound of patterns', () => {
    const pending = open();
    for (const glob of ['a*', 'b*', 'c*']) pending.beginPattern(names.matching('search', glob), search);
    expect(pending.covers('p:search:z')).toBe(true);
    expect(pending.read().raised).toHaveLength(1);
  });
});
