import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, factsOf, isOfGeneration, UnreadableEntry } from './envelope.js';

const text = 'error TS2345: Argument of type string is not assignable. '.repeat(400);
const facts = {
  freshUntil: 1_764_000_000_123,
  lifetimeMs: 5_000,
  saving: { costUsd: 0.25, latencyMs: 900, calls: 2 },
};
const encode = (value: unknown, compress = false): Promise<Buffer> =>
  encodeEntry('p:facets:all', value, { ...facts, generation: 'abcdefgh' }, compress);
const decode = async (entry: Buffer): Promise<unknown> => decodeEntry('p:facets:all', entry);

describe('cache entry envelope', () => {
  it('tells its times and its generation without reading the rest', async () => {
    const entry = await encode({ a: 1 }, true);
    expect(factsOf(entry)).toEqual(facts);
    expect(isOfGeneration(entry, 'abcdefgh')).toBe(true);
    for (const other of ['abcdefgH', 'Abcdefgh', 'abcdefg', 'abcdefghi', '', null])
      expect(isOfGeneration(entry, other)).toBe(false);
  });

  it('deflates what is over 1 KiB, and only where the policy says so', async () => {
    const [deflated, plain, small] = await Promise.all([
      encode(text, true),
      encode(text, false),
      encode('x'.repeat(900), true),
    ]);
    expect(deflated.length).toBeLessThan(text.length / 10);
    expect(plain.length).toBeGreaterThan(text.length);
    expect(small.length).toBeGreaterThan(900);
    for (const entry of [deflated, plain]) expect(await decode(entry)).toBe(text);
  });

  it('keeps as it is what deflating doesn’t shrink', async () => {
    const noise = randomBytes(20_000);
    const [asked, plain] = await Promise.all([encode(noise, true), encode(noise, false)]);
    expect(asked).toEqual(plain);
    expect(await decode(asked)).toEqual(noise);
  });

  it('brings back a value that is deflated off the event loop', async () => {
    const lines = Array.from({ length: 50_000 }, (_, line) => ({
      line,
      text: `step ${(line * 7_919) % 104_729}`,
      at: new Date(line),
    }));
    expect(await decode(await encode(lines, true))).toStrictEqual(lines);
  });

  it('keeps a vector as packed floats', async () => {
    const vector = Float32Array.from({ length: 768 }, (_, index) => Math.sin(index));
    const entry = await encode(vector);
    expect(entry.length).toBeLessThan(768 * 4 + 150);
    expect(await decode(entry)).toStrictEqual(vector);
  });

  it('notices every damaged byte but those of the lease', async () => {
    const entry = await encode({ list: [1, new Date(5), new Uint8Array(20)], text }, true);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(entry.length - 1).filter((index) => index < 3 || index >= 27),
        fc.integer({ min: 1, max: 255 }),
        async (index, change) => {
          const damaged = Buffer.from(entry);
          damaged[index] = damaged[index]! ^ change;
          // Marked as a lease it is no value at all.
          if (index === 2 && (change & 2) !== 0) expect(factsOf(damaged)).toBeNull();
          else await expect(decode(damaged)).rejects.toThrow(UnreadableEntry);
        },
      ),
    );
  });

  it('is read under its own name only: an answer that came for another key is no value', async () => {
    const entry = await encode('value');
    expect(() => decodeEntry('p:facets:other', entry)).toThrow(UnreadableEntry);
  });

  it('refuses bytes it never wrote, and entries of another schema version', async () => {
    const other = await encode('value');
    other[1] = 200;
    for (const bytes of [Buffer.alloc(0), Buffer.from('{"value":1}'), Buffer.alloc(64, 0xdf), other])
      await expect(decode(bytes)).rejects.toThrow(UnreadableEntry);
  });
});
