import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gzipCapped } from './capped-gzip.js';

async function* chunked(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function* cut(): AsyncIterable<Uint8Array> {
  yield Buffer.from('half a li');
  throw new Error('connection cut');
}

const MARKER = /^\[devflowfix\] (\d+) bytes of the log left out here$/;
const lines = (count: number, length = 40) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${i}: `.padEnd(length, 'x')).join('\n') + '\n');

describe('gzipCapped', () => {
  it('gives back every byte of a log within the cap, however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3_000 }),
        fc.integer({ min: 1, max: 700 }),
        async (log, size) => {
          const result = await gzipCapped(chunked(log, size), 3_000);
          expect(Buffer.compare(gunzipSync(result.gzip), log)).toBe(0);
          expect(result).toMatchObject({ bytes: log.length, truncated: false });
        },
      ),
    );
  });

  it('keeps whole lines of head and tail of a longer log, and says what is missing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 300, max: 2_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        async (count, size) => {
          const log = lines(count);
          const cap = 10_000;
          const result = await gzipCapped(chunked(log, size), cap);
          const kept = gunzipSync(result.gzip).toString();
          const shown = kept.trimEnd().split('\n');
          const original = log.toString().trimEnd().split('\n');
          const at = shown.findIndex((line) => MARKER.test(line));

          expect(result.truncated).toBe(true);
          expect(result.bytes).toBe(kept.length);
          expect(kept.length).toBeLessThanOrEqual(cap + 80);
          expect(kept.length).toBeGreaterThan(cap - 200);
          expect(shown.slice(0, at)).toEqual(original.slice(0, at));
          expect(shown.slice(at + 1)).toEqual(original.slice(-(shown.length - at - 1)));
          const markerLine = `${shown[at]}\n`;
          expect(Number(MARKER.exec(shown[at]!)![1])).toBe(log.length - (kept.length - markerLine.length));
        },
      ),
    );
  });

  it('caps a log that is a single line', async () => {
    const result = await gzipCapped(chunked(Buffer.alloc(100_000, 'a'), 4_096), 10_000);
    const kept = gunzipSync(result.gzip).toString();
    expect(kept).toMatch(/^a{5000}\n\[devflowfix\] 90000 bytes of the log left out here\na{5000}$/);
    expect(result).toMatchObject({ bytes: kept.length, truncated: true });
  });

  it('stops reading a log without end, and says so', async () => {
    let given = 0;
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) {
        given += 1_000;
        yield Buffer.alloc(1_000, 'line\n');
      }
    }
    const result = await gzipCapped(endless(), 10_000);
    expect(given).toBeLessThan(210_000);
    expect(result.truncated).toBe(true);
    expect(gunzipSync(result.gzip).toString()).toMatch(
      /\n\[devflowfix\] the log goes on: reading stopped after \d+ bytes\n$/,
    );
  });

  it('fails when the log does', async () => {
    await expect(gzipCapped(cut(), 10_000)).rejects.toThrow('connection cut');
  });
});
