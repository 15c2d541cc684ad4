import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotCacheable } from './not-cacheable.js';
import { fromTaggedJson, toTaggedJson } from './tagged-json.js';

const roundTrip = (value: unknown): unknown => fromTaggedJson(toTaggedJson(value));

/** Everything that is promised to come back as it was. */
const cacheable = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.float32Array(),
    fc.float64Array(),
    fc.int16Array(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 5 }).map((items) => new Map(items)),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'constructor', 'toJSON')),
      tie('value'),
      {
        maxKeys: 5,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

describe('tagged JSON', () => {
  it('brings back every cacheable value exactly as it was', () => {
    fc.assert(
      fc.property(cacheable, (value) => {
        // Not toStrictEqual, which is misled by a property named `constructor`.
        expect(isDeepStrictEqual(roundTrip(value), value)).toBe(true);
      }),
    );
  });

  it('says of what JSON has a form for that nothing is tagged', () => {
    const plain = fc
      .json()
      .map((text): unknown => JSON.parse(text.replaceAll('-0', '0').replaceAll('"$"', '"s"')));
    fc.assert(fc.property(plain, (value) => !toTaggedJson(value).tagged));
    for (const value of [-0, [undefined], { at: new Date(0) }, { $: 1 }, new Uint8Array(1)])
      expect(toTaggedJson(value).tagged).toBe(true);
  });

  it('keeps -0, NaN and the infinities', () => {
    const numbers = roundTrip([-0, NaN, Infinity, -Infinity]) as number[];
    expect(numbers.map((number) => Object.is(number, -0))).toEqual([true, false, false, false]);
    expect(numbers.slice(1)).toEqual([NaN, Infinity, -Infinity]);
  });

  it('keeps a property that is undefined, and a property named like its own tag', () => {
    const value = { gone: undefined, $: ['Date', 0], inner: { $: 'text' } };
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it('keeps a property named __proto__ without touching the prototype', () => {
    const value = JSON.parse('{"__proto__": {"admin": true}, "when": 1}') as object;
    const back = roundTrip(value) as { admin?: boolean };
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(back.admin).toBeUndefined();
    expect(back).toStrictEqual(value);
  });

  it('copies bytes: a view of a larger buffer comes back alone and unshared', () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    const back = roundTrip(whole.subarray(1, 3)) as Uint8Array;
    whole.fill(0);
    expect(back).toStrictEqual(new Uint8Array([2, 3]));
    expect(back.buffer.byteLength).toBe(2);
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a class instance', new (class Money {})()],
    ['an error', new Error('x')],
    ['a URL in a list', [new URL('http://a')]],
  ])('refuses %s', (_name, value) => {
    expect(() => toTaggedJson(value)).toThrow(NotCacheable);
  });

  it('refuses a cycle', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = [cycle];
    expect(() => toTaggedJson(cycle)).toThrow(/cycle/);
  });
});
