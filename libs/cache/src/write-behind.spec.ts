import type { Log } from '@app/domain';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { WriteBehind } from './write-behind.js';

const bounds = { maxWaiting: 2, maxAttempts: 3, firstPauseMs: 5, concurrency: 1 };
const nothing = async (): Promise<void> => undefined;

describe('WriteBehind', () => {
  let logged: string[];
  let log: Log;

  beforeEach(() => {
    logged = [];
    const note = (_fields: unknown, event: string): void => void logged.push(event);
    log = { debug: note, info: note, warn: note, error: note, child: () => log };
  });

  it('saves the newest of a name once, after the save that runs', async () => {
    const buffer = new WriteBehind(bounds, log);
    const gate = Promise.withResolvers<void>();
    const saved: number[] = [];
    await buffer.add('a', () => gate.promise.then(() => void saved.push(1)), nothing);
    await buffer.add('a', async () => void saved.push(2), nothing);
    await buffer.add('a', async () => void saved.push(3), nothing);
    expect(saved).toEqual([]);
    gate.resolve();
    await buffer.close();
    expect(saved).toEqual([1, 3]);
  });

  it('makes the caller save when it is full, and hands it the error', async () => {
    const buffer = new WriteBehind(bounds, log);
    const gate = Promise.withResolvers<void>();
    for (const name of ['a', 'b', 'c']) await buffer.add(name, () => gate.promise, nothing);
    expect(buffer.size).toBe(3);
    const save = vi.fn<() => Promise<void>>(async () => Promise.reject(new Error('no database')));
    await expect(buffer.add('d', save, nothing)).rejects.toThrow('no database');
    expect(save).toHaveBeenCalledTimes(1);
    gate.resolve();
    await buffer.close();
  });

  it('tries again, and at last says what it lost and drops it', async () => {
    const buffer = new WriteBehind(bounds, log);
    const save = vi.fn<() => Promise<void>>(async () => Promise.reject(new Error('no database')));
    const dropped = vi.fn<() => Promise<void>>(nothing);
    await buffer.add('a', save, dropped);
    await vi.waitFor(() => expect(dropped).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    expect(save).toHaveBeenCalledTimes(3);
    expect(logged).toEqual(['cache_write_behind_lost']);
    expect(buffer.size).toBe(0);
  });

  it('saves everything before it is closed, without waiting between attempts', async () => {
    const buffer = new WriteBehind({ ...bounds, firstPauseMs: 60_000 }, log);
    const save = vi
      .fn<() => Promise<void>>()
      .mockRejectedValueOnce(new Error('no database'))
      .mockResolvedValue(undefined);
    const others = vi.fn<() => Promise<void>>(nothing);
    await buffer.add('a', save, nothing);
    await buffer.add('b', others, nothing);
    await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    await buffer.close();
    expect(save).toHaveBeenCalledTimes(2);
    expect(others).toHaveBeenCalledTimes(1);
    await buffer.add('c', others, nothing);
    expect(others).toHaveBeenCalledTimes(2);
  });
});
