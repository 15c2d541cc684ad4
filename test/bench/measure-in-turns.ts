import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Microseconds: a call's time (medians of the rounds), and how late the event loop came meanwhile. */
export interface Measured {
  readonly p50: number;
  readonly p99: number;
  readonly lateP99: number;
  readonly lateMax: number;
  /** The p50 of each round: what is compared is compared round by round. */
  readonly rounds: readonly number[];
}

/** Calls that are measured as one: a clock reading costs as much as the fastest of them. */
const TOGETHER = 10;
/** Rounds before the first that counts: what is measured is compiled code. */
const WARM_UP = 5;
const MICROS_PER_MS = 1_000;
const NANOS_PER_MICRO = 1_000;
/** How often the event loop's lateness is sampled; subtracted, since the timer itself waits so long. */
const RESOLUTION_MS = 1;

/**
 * Measures all works round by round, each in turn, so that what the machine does otherwise falls on all alike. Each caller waits
 * for its call's end before the next.
 */
export async function measureInTurns<W extends string>(
  works: Readonly<Record<W, () => Promise<unknown>>>,
  options: { readonly rounds: number; readonly calls: number; readonly callers: number },
): Promise<Record<W, Measured>> {
  const names = Object.keys(works) as W[];
  const turns = new Map<W, Turn[]>(names.map((name) => [name, []]));
  const warmUp = { ...options, calls: options.calls * WARM_UP };
  for (const name of names) await lanes(works[name], warmUp);
  for (let round = 0; round < options.rounds; round += 1) {
    // Another comes first each round: what a turn leaves behind (garbage, a cold cache) falls on all.
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)])
      turns.get(name)!.push(await turn(works[name], options));
  }
  return Object.fromEntries(
    names.map((name): [W, Measured] => {
      const of = (figure: keyof Turn): number[] => turns.get(name)!.map((each) => each[figure]);
      const measured = {
        p50: quantile(of('p50'), 0.5),
        p99: quantile(of('p99'), 0.5),
        lateP99: quantile(of('lateP99'), 0.5),
        lateMax: Math.max(...of('lateMax')),
        rounds: of('p50'),
      };
      return [name, measured];
    }),
  ) as Record<W, Measured>;
}

type Turn = Omit<Measured, 'rounds'>;

async function turn(
  work: () => Promise<unknown>,
  options: { readonly calls: number; readonly callers: number },
): Promise<Turn> {
  // One a turn: what passes between two turns is nobody's lateness.
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const times = await lanes(work, options);
  delay.disable();
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    lateP99: late(delay.percentile(99)),
    lateMax: late(delay.max),
  };
}

function late(nanos: number): number {
  return Math.max(0, nanos / NANOS_PER_MICRO - RESOLUTION_MS * MICROS_PER_MS);
}

/** Times of calls in microseconds. */
async function lanes(
  work: () => Promise<unknown>,
  { calls, callers }: { readonly calls: number; readonly callers: number },
): Promise<number[]> {
  const times: number[] = [];
  const together = callers === 1 ? TOGETHER : 1;
  const caller = async (): Promise<void> => {
    for (let done = 0; done < calls / callers; done += together) {
      const startedAt = performance.now();
      for (let call = 0; call < together; call += 1) await work();
      times.push(((performance.now() - startedAt) * MICROS_PER_MS) / together);
      // Hits in memory never wait: without a pause nothing else would have its turn.
      await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

/** The median of what `compare` makes of both works' rounds, pair by pair: noise of the machine falls on both. */
export function compared(a: Measured, b: Measured, compare: (a: number, b: number) => number): number {
  const figures = a.rounds.map((each, round) => compare(each, b.rounds[round]!));
  return quantile(figures, 0.5);
}

function quantile(figures: readonly number[], q: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}
