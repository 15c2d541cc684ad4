import { describe, expect, it } from 'vitest';
import { analyzeLog } from './analyze-log.js';

/**
 * The aim is 25 ms, which `bench:logs` measures. A machine that runs other tests at the same time, and its garbage
 * collector, get more.
 */
const MAX_USUAL_MS = 100;
const MAX_EVER_MS = 600;
/** A fast machine is done in a third of a second. */
const MIN_TURNS = 15;

/**
 * How long others waited for their turns while `work` went on, in ascending order. In the processor's time, where that is
 * less: another program that has the processor is not what keeps them.
 */
async function stretchesMs(work: () => Promise<unknown>): Promise<readonly number[]> {
  const stretches: number[] = [];
  let isOver = false;
  let [at, used] = [performance.now(), process.cpuUsage()];
  const turn = (): void => {
    const { user, system } = process.cpuUsage(used);
    stretches.push(Math.min(performance.now() - at, (user + system) / 1_000));
    [at, used] = [performance.now(), process.cpuUsage()];
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isOver = true;
  return stretches.toSorted((a, b) => a - b);
}

describe('analyzeLog', () => {
  it.each([
    [
      'ordinary lines',
      (i: number) =>
        `2024-05-01T10:00:00.0000000Z step ${i} of many: compiling module-${i % 100} in ${i % 50}ms`,
    ],
    [
      'errors',
      (i: number) => `src/a${i}.ts(${i},5): error TS2322: Type 'string' is not assignable to type 'number'.`,
    ],
    [
      'secrets',
      (i: number) =>
        `deploy --password=x1Y2z3${i} https://user:pa55${i}@host.example.org/ someone${i}@example.org`,
    ],
  ])('leaves the event loop to others on 20 MB of %s', { timeout: 60_000 }, async (_, lineOf) => {
    const lines: string[] = [];
    for (let i = 0; i < 250_000; i += 1) lines.push(lineOf(i));
    const log = Buffer.from(lines.join('\n').slice(0, 20_000_000));
    const stretches = await stretchesMs(() => analyzeLog(log, { onText: () => undefined }));
    expect(stretches.length).toBeGreaterThan(MIN_TURNS);
    expect(stretches[Math.floor(stretches.length * 0.9)]).toBeLessThan(MAX_USUAL_MS);
    expect(stretches.at(-1)).toBeLessThan(MAX_EVER_MS);
  });
});
