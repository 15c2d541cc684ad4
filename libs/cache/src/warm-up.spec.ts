import { describe, expect, it } from 'vitest';
import { RecordingLog } from '../../../test/fakes/recording-log.js';
import { WarmUp, type WarmUpSource } from './warm-up.js';

const source = (name: string, ...reads: (() => Promise<unknown>)[]): WarmUpSource => ({
  name,
  reads: async () => reads,
});

describe('WarmUp', () => {
  it('makes every read of every source, four at a time', async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const read = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      done += 1;
    };
    const sources = [source('a', ...Array.from({ length: 20 }, () => read)), source('b', read)];
    expect(await new WarmUp(new RecordingLog()).run(sources)).toBe(21);
    expect([done, most]).toEqual([21, 4]);
  });

  it('goes on with the others when a source fails, and says which', async () => {
    const log = new RecordingLog();
    const broken: WarmUpSource = { name: 'broken', reads: () => Promise.reject(new Error('no table')) };
    const halfBroken = source('half', () => Promise.reject(new Error('gone')));
    let read = false;
    const last = source('last', async () => (read = true));
    expect(await new WarmUp(log).run([broken, halfBroken, last])).toBe(1);
    expect(read).toBe(true);
    expect(log.of('cache_warm_up_failed').map(({ source: name }) => name)).toEqual(['broken', 'half']);
  });
});
