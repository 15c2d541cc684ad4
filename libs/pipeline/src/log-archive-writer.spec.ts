import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogArchiveWriter } from './log-archive-writer.js';

async function archive(chunks: readonly string[], maxChars: number) {
  const writer = new LogArchiveWriter(maxChars);
  for (const chunk of chunks) await writer.write(chunk);
  const { gzip, ...rest } = await writer.end();
  return { text: gunzipSync(gzip).toString(), ...rest };
}

describe('LogArchiveWriter', () => {
  it('keeps a log that fits as it is, however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme-ascii' })), async (chunks) => {
        const whole = chunks.join('');
        const kept = await archive(chunks, whole.length + 10);
        expect(kept).toEqual({
          text: whole,
          chars: whole.length,
          truncated: false,
          lines: expect.any(Number),
        });
      }),
    );
  });

  it('counts lines with and without a last line break', async () => {
    expect((await archive(['a\nb\n'], 100)).lines).toBe(2);
    expect((await archive(['a\nb'], 100)).lines).toBe(2);
    expect((await archive([], 100)).lines).toBe(0);
  });

  it('keeps head and tail of a longer log and says how much is missing', async () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`);
    const kept = await archive(lines, 1_000);
    expect(kept.truncated).toBe(true);
    expect(kept.text.startsWith('line 0\n')).toBe(true);
    expect(kept.text.endsWith('line 999\n')).toBe(true);
    expect(kept.text).toMatch(/\[… \d+ lines left out/);
    expect(kept.text.length).toBeLessThan(1_200);
  });
});
