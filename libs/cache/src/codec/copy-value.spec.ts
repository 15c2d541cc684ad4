import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyOf, ownedCopy } from './copy-value.js';
import { NotCacheable } from './not-cacheable.js';
import { fromTaggedJson, toTaggedJson } from './tagged-json.js';

const anyValue = fc.anything({
  withDate: true,
  withMap: true,
  withSet: true,
  withBigInt: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
});

describe('copies of cached values', () => {
  it('are what writing and reading the value would give, or refused as writing would refuse', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        let written: unknown;
        try {
          written = fromTaggedJson(toTaggedJson(value));
        } catch (error) {
          expect(error).toBeInstanceOf(NotCacheable);
          expect(() => ownedCopy(value)).toThrow(NotCacheable);
          return;
        }
        const owned = ownedCopy(value).value;
        expect(isDeepStrictEqual(owned, written)).toBe(true);
        expect(isDeepStrictEqual(copyOf(owned), written)).toBe(true);
      }),
    );
  });

  it('share nothing that can be changed', () => {
    const value = {
      list: [{ n: 1 }],
      map: new Map([['a', { n: 1 }]]),
      set: new Set(['x']),
      at: new Date(5),
      bytes: Uint8Array.of(1, 2),
      buffer: Buffer.from('ab'),
    };
    const owned = ownedCopy(value).value as typeof value;
    const copy = copyOf(owned);
    for (const each of [value, copy]) {
      each.list[0]!.n = 2;
      each.list.push({ n: 3 });
      each.map.get('a')!.n = 2;
      each.set.add('y');
      each.at.setTime(9);
      each.bytes[0] = 9;
      each.buffer[0] = 9;
    }
    expect(owned).toStrictEqual({
      list: [{ n: 1 }],
      map: new Map([['a', { n: 1 }]]),
      set: new Set(['x']),
      at: new Date(5),
      bytes: Uint8Array.of(1, 2),
      buffer: Buffer.from('ab'),
    });
  });

  it('are measured: texts and bytes by their length', () => {
    expect(ownedCopy('x'.repeat(1_000)).bytes).toBeGreaterThanOrEqual(1_000);
    expect(ownedCopy(['x'.repeat(1_000), new Uint8Array(500)]).bytes).toBeLessThan(1_700);
    expect(ownedCopy(1).bytes).toBeLessThan(50);
  });
});
