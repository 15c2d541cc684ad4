import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf } from './hash-of.js';

describe('hashOf', () => {
  it('gives 32 hex characters that stay the same between versions of the product', () => {
    expect(hashOf({ model: 'm', prompt: 1, evidence: ['E1'] })).toBe(
      hashOf({ evidence: ['E1'], prompt: 1, model: 'm' }),
    );
    expect(hashOf({ model: 'm' })).toMatch(/^[0-9a-f]{32}$/);
    expect(hashOf('')).toBe('12ae32cb1ec02d01eda3581b127c1fee');
  });

  it('does not depend on the order in which properties were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        expect(hashOf(turned)).toBe(hashOf(value));
      }),
    );
  });

  it('tells different JSON values apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        expect(hashOf(a) === hashOf(b)).toBe(same);
      }),
    );
  });

  it('tells types apart that look alike as text', () => {
    const lookalikes = [
      '1',
      1,
      1n,
      [1],
      { 0: 1 },
      new Date(1),
      new Uint8Array([1]),
      new Int8Array([1]),
      null,
      'null',
      true,
    ];
    expect(new Set(lookalikes.map(hashOf)).size).toBe(lookalikes.length);
  });

  it('takes equal texts as equal: Unicode forms and line ends', () => {
    expect(hashOf('e\u0301\r\nx')).toBe(hashOf('\u00e9\nx'));
  });

  it('leaves out properties that are undefined', () => {
    expect(hashOf({ a: 1, b: undefined })).toBe(hashOf({ a: 1 }));
  });

  it.each([[NaN], [() => 1], [Symbol('x')], [new Map()], [new (class A {})()]])('refuses %s', (value) => {
    expect(() => hashOf(value)).toThrow(TypeError);
  });
});

function sorted(value: unknown): unknown {
  if (typeof value === 'string') return value.normalize('NFC').replaceAll('\r\n', '\n');
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const properties = Object.entries(value).map(([name, item]) => [sorted(name), sorted(item)]);
  return { properties: properties.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)) };
}
