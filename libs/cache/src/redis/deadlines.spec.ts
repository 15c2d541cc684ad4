import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeadlineExceeded, Deadlines, withDeadline } from './deadlines.js';

const never = (): Promise<never> => new Promise(() => undefined);

function limited<T>(deadlines: Deadlines, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = deadlines.begin(reject);
    answer.then((value) => deadlines.end(call) && resolve(value), reject);
  });
}

describe('Deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  });
  afterEach(() => {
    // Before the clock: what stands in for a timer is taken off the false one.
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('hands on what came in time', async () => {
    await expect(withDeadline(Promise.resolve(1), 40)).resolves.toBe(1);
    await expect(withDeadline(Promise.reject(new Error('refused')), 40)).rejects.toThrow('refused');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends each call at its own time, whatever begins after it', async () => {
    const deadlines = new Deadlines(40);
    const ended: number[] = [];
    for (const beginsAt of [0, 10, 25, 39, 60]) {
      setTimeout(() => {
        limited(deadlines, never()).catch((error: Error) => {
          expect(error).toBeInstanceOf(DeadlineExceeded);
          ended.push(Math.round(performance.now() - startedAt - beginsAt));
        });
      }, beginsAt);
    }
    const startedAt = performance.now();
    await vi.advanceTimersByTimeAsync(200);
    expect(ended).toHaveLength(5);
    for (const tookMs of ended) expect(tookMs).toBeGreaterThanOrEqual(40);
    for (const tookMs of ended) expect(tookMs).toBeLessThanOrEqual(42);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts an answer that had arrived when the deadline was noticed', async () => {
    const deadlines = new Deadlines(40);
    const answer = Promise.withResolvers<string>();
    const outcome = limited(deadlines, answer.promise);
    // Set after the deadline's timer, so that it runs behind it in the same turn.
    setTimeout(() => setImmediate(() => answer.resolve('late, but here')), 40);
    await vi.advanceTimersByTimeAsync(100);
    await expect(outcome).resolves.toBe('late, but here');
  });

  it('sets one timer for many calls', async () => {
    const set = vi.spyOn(globalThis, 'setTimeout');
    const deadlines = new Deadlines(40);
    await Promise.all(Array.from({ length: 1_000 }, () => limited(deadlines, Promise.resolve(1))));
    expect(set).toHaveBeenCalledTimes(1);
  });
});
