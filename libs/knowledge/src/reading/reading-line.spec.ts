import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ReadingLine } from './reading-line.js';

const LIMITS = { maxWaiting: 2, maxWaitMs: 1_000 };

let line: ReadingLine;
let begun: string[];
beforeEach(() => {
  vi.useFakeTimers();
  line = new ReadingLine(LIMITS);
  begun = [];
});
afterEach(() => void vi.useRealTimers());

/** Reads until it is told to end. */
function read(name: string, signal?: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const outcome = line
    .run(() => {
      begun.push(name);
      return promise;
    }, signal)
    .catch((error: unknown) => error);
  return { outcome, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

describe('a line of documents', () => {
  it('reads one at a time, in the order they came, whatever becomes of each', async () => {
    const [first, second, third] = [read('a'), read('b'), read('c')];
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a']);
    first.fail();
    expect(await first.outcome).toMatchObject({ message: 'a' });
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b']);
    second.end();
    third.end();
    expect(await Promise.all([second.outcome, third.outcome])).toEqual(['b', 'c']);
    const later = read('d');
    later.end();
    expect(await later.outcome).toBe('d');
  });

  it('refuses at once who would be one too many, and says when to come back', async () => {
    const first = read('a');
    read('b');
    read('c');
    const refused = await read('d').outcome;
    expect(refused).toMatchObject({ code: 'reader_busy', retryable: true, retryAfterMs: 1_000 });
    first.end();
    await first.outcome;
    read('e');
    expect(await read('f').outcome).toMatchObject({ code: 'reader_busy' });
  });

  it('lets nobody wait longer than it may, and never reads what was given up', async () => {
    const first = read('slow');
    const second = read('b');
    await vi.advanceTimersByTimeAsync(LIMITS.maxWaitMs);
    expect(await second.outcome).toMatchObject({ code: 'reader_busy' });
    const third = read('c');
    first.end();
    third.end();
    expect(await third.outcome).toBe('c');
    expect(begun).toEqual(['slow', 'c']);
    await vi.advanceTimersByTimeAsync(LIMITS.maxWaitMs);
  });

  it('is left by whoever gives up', async () => {
    const asked = new AbortController();
    const first = read('a');
    const second = read('b', asked.signal);
    asked.abort(new Error('gone'));
    expect(await second.outcome).toMatchObject({ message: 'gone' });
    first.end();
    await first.outcome;
    expect(begun).toEqual(['a']);
  });
});
