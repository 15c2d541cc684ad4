import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storable, storableText } from './storable.js';

describe('storable', () => {
  it('leaves what a database can hold as it is', () => {
    const at = new Date();
    const value = { a: [1, null, true, 'ä🙂\n'], b: { c: undefined, d: at } };
    expect(storable(value)).toEqual(value);
    expect(storable(value).b.d).toBe(at);
    expect(storable(null)).toBeNull();
  });

  it('replaces zero characters and halves of surrogate pairs, at any depth', () => {
    expect(storable({ a: ['x\0y', { b: 'z\ud83d' }] })).toEqual({ a: ['x\ufffdy', { b: 'z\ufffd' }] });
  });

  it('gives text that is well formed and has no zero, of the same length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const stored = storableText(text);
        expect(stored.isWellFormed() && !stored.includes('\0')).toBe(true);
        expect(stored.length).toBe(text.length);
      }),
    );
  });
});
