import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, freshUntilOf, savingOf, UnreadableEntry } from './envelope.js';

const text = 'error TS2345: Argument of type string is not assignable. '.repeat(400);

describe('cache entry envelope', () => {
  it('says until when the entry is fresh without reading the rest', async () => {
    const entry = await encodeEntry({ a: 1 }, 1_764_000_000_123, true);
    expect(freshUntilOf(entry)).toBe(1_764_000_000_123);
  });

  it('says what a hit saves without reading the rest', async () => {
    const saving = { costUsd: 0.000_12, latencyMs: 1_250, calls: 3 };
    expect(savingOf(await encodeEntry({ a: 1 }, 0, true, saving))).toEqual(saving);
    expect(savingOf(await encodeEntry({ a: 1 }, 0, true))).toEqual({ costUsd: 0, latencyMs: 0, calls: 0 });
  });

  it('deflates what is over 1 KiB, and only where the policy says so', async () => {
    const [deflated, plain, small] = await Promise.all([
      encodeEntry(text, 0, true),
      encodeEntry(text, 0, false),
      encodeEntry('x'.repeat(900), 0, true),
    ]);
    expect(deflated.length).toBeLessThan(text.length / 10);
    expect(plain.length).toBeGreaterThan(text.length);
    expect(small.length).toBeGreaterThan(900);
    for (const entry of [deflated, plain]) expect(await decodeEntry(entry)).toBe(text);
  });

  it('brings back a value that is deflated off the event loop', async () => {
    const lines = Array.from({ length: 50_000 }, (_, line) => ({
      line,
      text: `step ${line % 7}`,
      at: new Date(line),
    }));
    expect(await decodeEntry(await encodeEntry(lines, 0, true))).toStrictEqual(lines);
  });

  it('keeps a vector as packed floats', async () => {
    const vector = Float32Array.from({ length: 768 }, (_, index) => Math.sin(index));
    const entry = await encodeEntry(vector, 0, false);
    expect(entry.length).toBeLessThan(768 * 4 + 100);
    expect(await decodeEntry(entry)).toStrictEqual(vector);
  });

  it('notices every damaged byte', async () => {
    const entry = await encodeEntry({ list: [1, new Date(5), new Uint8Array(20)], text }, 7, true);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(entry.length - 1).filter((index) => index < 3 || index >= 31),
        fc.integer({ min: 1, max: 255 }),
        async (index, change) => {
          const damaged = Buffer.from(entry);
          damaged[index] = damaged[index]! ^ change;
          // Byte 2 holds the flags: only the lowest bit means anything.
          if (index === 2 && (change & 1) === 0) return;
          await expect(decodeEntry(damaged)).rejects.toThrow(UnreadableEntry);
        },
      ),
    );
  });

  it('refuses bytes it never wrote, and entries of another schema version', async () => {
    const other = await encodeEntry('value', 0, false);
    other[1] = 200;
    for (const bytes of [Buffer.alloc(0), Buffer.from('{"value":1}'), Buffer.alloc(64, 0xdf), other])
      await expect(decodeEntry(bytes)).rejects.toThrow(UnreadableEntry);
  });
});
