import { DocumentReader } from '@app/knowledge';
import { describe, expect, it } from 'vitest';
import { deflateBomb, manyPages, pdfOf, slowPdf } from '../../support/pdf-files.js';

const MIB = 1_048_576;
const CONFIG = { readTimeoutMs: 20_000, readMemoryBytes: 256 * MIB, maxPages: 100 };
const reader = (changes: Partial<typeof CONFIG> = {}) => new DocumentReader({ ...CONFIG, ...changes });
const pdf = (bytes: Uint8Array) => ({ kind: 'pdf' as const, bytes, charset: null });

describe('a document read in its thread', () => {
  it('comes back as text', async () => {
    const { title, sections } = await reader().read(pdf(pdfOf('Disk full', 'Prune the images.')));
    expect([title, sections]).toEqual([
      'Disk full',
      [{ headings: ['Disk full'], text: 'Prune the images.' }],
    ]);
  });

  it('is given up when it asks for more memory than it may have, and costs the process no more', async () => {
    // Some kilobytes that inflate to two gigabytes.
    const bomb = await deflateBomb(2_048);
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const refused = await reader()
      .read(pdf(bomb))
      .catch((error: unknown) => error);
    clearInterval(watch);
    expect(refused).toMatchObject({ code: 'unreadable_document' });
    expect((refused as Error).message).toContain('more than 256 MiB of memory');
    // A buffer that has just doubled, beside the one before.
    expect(peak - before).toBeLessThan(1_000 * MIB);
  });

  it('is given up when it takes too long', async () => {
    const reading = reader({ readTimeoutMs: 700 }).read(pdf(slowPdf(2_000_000)));
    await expect(reading).rejects.toThrow('takes more than 0.7 s');
  });

  it('is refused for its pages', async () => {
    await expect(reader().read(pdf(manyPages(200_000)))).rejects.toThrow('has 200000 pages, and at most 100');
  });

  it('ends with whoever asked for it', async () => {
    const asked = new AbortController();
    const reading = reader().read(pdf(slowPdf(2_000_000)), asked.signal);
    asked.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });

  it('is refused when too many wait before it, while text is read beside them', async () => {
    const one = reader({ readTimeoutMs: 5_000 });
    const asked = new AbortController();
    const slow = Array.from({ length: 6 }, () => one.read(pdf(slowPdf(2_000_000)), asked.signal));
    const outcomes = Promise.allSettled(slow);
    await expect(slow[5]).rejects.toMatchObject({ code: 'reader_busy', retryAfterMs: 5_000 });
    const text = await one.read({ kind: 'markdown', bytes: Buffer.from('# A\nb'), charset: null });
    expect(text.title).toBe('A');
    asked.abort(new Error('gone'));
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(6).fill('rejected'));
  });

  it('waits for the one before, whatever becomes of that', async () => {
    const one = reader();
    const outcomes = await Promise.allSettled([
      one.read(pdf(Buffer.from('%PDF-1.7'))),
      one.read(pdf(pdfOf('Disk full', 'Prune the images.'))),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
