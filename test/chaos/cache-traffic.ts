/** One thread of mixed traffic on a cache of its own; started by cache-under-trouble.ts, which reads its report. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { createCache } from '@app/cache';
import { loadConfig } from '@app/config';
import type { Cache, CacheKey, Log } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { seededRandom } from '../support/chaos-store.js';
import { VersionBook } from './version-book.js';

export interface TrafficOrder {
  readonly thread: number;
  readonly threads: number;
  readonly opsPerSecond: number;
  readonly keys: number;
  readonly buffers: readonly SharedArrayBuffer[];
  readonly env: Readonly<Record<string, string>>;
}

export interface TrafficReport {
  readonly operations: number;
  readonly reads: number;
  readonly hits: number;
  readonly failures: readonly string[];
  /** Reads that were older than what this thread itself had invalidated. */
  readonly ownStale: number;
  /** How late reads were that others' invalidations should have reached, in ms; those above 0 only. */
  readonly lateMs: readonly number[];
  /** How long calls waited for the cache, their own loading not counted, in ms: thousandths of a call each. */
  readonly waitsMs: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  readonly loopDelayMs: { readonly p99: number; readonly p999: number; readonly max: number };
  readonly warnings: readonly { readonly at: number; readonly event: string }[];
  /** When the shared tier hit again after a moment that was asked about. */
  readonly hitAgainAfterMs: readonly number[];
}

interface Versioned {
  readonly version: number;
  readonly text: string;
}

const TICK_MS = 5;
const LOAD_MS = 2;
const PROBE_MS = 10;

const order = workerData as TrafficOrder;
const book = new VersionBook(order.keys, order.buffers);
const random = seededRandom(order.thread + 1);
const warnings: { at: number; event: string }[] = [];
const warn = (_fields: unknown, event: string): void => void warnings.push({ at: VersionBook.now(), event });
const quiet = (): void => undefined;
const log: Log = { debug: quiet, info: quiet, warn, error: warn, child: () => log };
const handle = createCache(loadConfig(order.env), log, new Metrics());
const cache: Cache = handle.cache;

const waits: number[] = [];
const lateMs: number[] = [];
const failures: string[] = [];
const hitAgainAfterMs: number[] = [];
/** Newest version of each key whose invalidation by this thread was acknowledged to it. */
const own = new Int32Array(order.keys);
/** Writers of one key take turns, as rows of a database make them. */
const turns = new Map<number, Promise<void>>();
let operations = 0;
let reads = 0;
let ownStale = 0;

const keyOf = (key: number): CacheKey => ({
  operation: 'facets',
  scope: 'all',
  id: `t${key % order.threads}:${key}`,
});
const ownKey = (): number =>
  Math.floor(random() * (order.keys / order.threads)) * order.threads + order.thread;
const anyKey = (): number => Math.floor(random() * order.keys);
const versioned = (version: number): Versioned => ({ version, text: 'v'.repeat(200) });

function check(key: number, seen: Versioned | undefined, begunAt: number, ownAtBegin: number): void {
  reads += 1;
  if (seen === undefined) return;
  if (seen.version < ownAtBegin) ownStale += 1;
  const late = book.lateBy(key, seen.version, begunAt);
  if (late > 0) lateMs.push(late);
}

/** Runs one call and notes how long it waited; what `outside` tells was its own work. */
async function timed(call: (outside: (ms: number) => void) => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  let outsideMs = 0;
  operations += 1;
  try {
    await call((ms) => (outsideMs += ms));
  } catch (error) {
    failures.push((error as Error).stack ?? String(error));
  }
  waits.push(performance.now() - startedAt - outsideMs);
}

async function load(key: number, outside: (ms: number) => void): Promise<Versioned> {
  const startedAt = performance.now();
  const version = book.read(key);
  await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
  outside(performance.now() - startedAt);
  return versioned(version);
}

const operationsByShare: readonly { share: number; run(outside: (ms: number) => void): Promise<unknown> }[] =
  [
    {
      share: 0.72,
      async run(outside) {
        const key = anyKey();
        const [begunAt, ownAtBegin] = [VersionBook.now(), own[key]!];
        const { value } = await cache.getOrLoad(keyOf(key), () => load(key, outside));
        check(key, value, begunAt, ownAtBegin);
      },
    },
    {
      share: 0.12,
      async run() {
        const key = anyKey();
        const [begunAt, ownAtBegin] = [VersionBook.now(), own[key]!];
        check(key, await cache.get<Versioned>(keyOf(key)), begunAt, ownAtBegin);
      },
    },
    {
      share: 0.05,
      async run() {
        const keys = Array.from({ length: 10 }, anyKey);
        const [begunAt, owns] = [VersionBook.now(), keys.map((key) => own[key]!)];
        const values = await cache.getMany<Versioned>(keys.map(keyOf));
        keys.forEach((key, index) => check(key, values[index], begunAt, owns[index]!));
      },
    },
    { share: 0.04, run: () => cache.has(keyOf(anyKey())) },
    {
      share: 0.035,
      run: (outside) =>
        change(ownKey(), outside, (key, version) => cache.set(keyOf(key), versioned(version))),
    },
    { share: 0.033, run: (outside) => change(ownKey(), outside, (key) => cache.delete(keyOf(key))) },
    {
      share: 0.002,
      run: (outside) => change(ownKey(), outside, (key) => cache.deleteByPattern('facets', `all:t*:${key}`)),
    },
  ];

/** Database first: commit, then invalidate, then acknowledge. */
async function change(
  key: number,
  outside: (ms: number) => void,
  invalidate: (key: number, version: number) => Promise<unknown>,
): Promise<void> {
  const turn = turns.get(key) ?? Promise.resolve();
  const waitedFrom = performance.now();
  const done = turn.then(async () => {
    outside(performance.now() - waitedFrom);
    const troubleBefore = book.trouble;
    const version = book.commit(key);
    await invalidate(key, version);
    own[key] = Math.max(own[key]!, version);
    book.acknowledge(key, version, troubleBefore || book.trouble);
  });
  turns.set(
    key,
    done.catch(() => undefined),
  );
  return done;
}

function pick(): (typeof operationsByShare)[number] {
  let luck = random();
  return operationsByShare.find(({ share }) => (luck -= share) < 0) ?? operationsByShare[0]!;
}

/** Until the tier that processes share has given back what this thread put there. */
async function untilHit(since: number): Promise<void> {
  const probe: CacheKey = {
    operation: 'github.diff',
    scope: 'octo:app',
    id: `probe:${order.thread}:${since}`,
  };
  for (;;) {
    if ((await cache.get(probe)) !== undefined) break;
    await cache.set(probe, since);
    if ((await cache.get(probe)) !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
  }
  hitAgainAfterMs.push(VersionBook.now() - since);
}

const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
const startedAt = performance.now();
let sent = 0;
const ticking = setInterval(() => {
  const due = ((performance.now() - startedAt) * order.opsPerSecond) / 1_000;
  for (; sent < due; sent += 1) void timed(pick().run);
}, TICK_MS);

const at = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

async function report(): Promise<TrafficReport> {
  clearInterval(ticking);
  const { hits } = cache.stats();
  await handle.close();
  const sorted = waits.toSorted((a, b) => a - b);
  return {
    operations,
    reads,
    hits,
    failures,
    ownStale,
    lateMs,
    waitsMs: {
      p50: at(sorted, 0.5),
      p99: at(sorted, 0.99),
      p999: at(sorted, 0.999),
      max: sorted.at(-1) ?? 0,
    },
    loopDelayMs: {
      p99: loop.percentile(99) / 1e6,
      p999: loop.percentile(99.9) / 1e6,
      max: loop.max / 1e6,
    },
    warnings,
    hitAgainAfterMs,
  };
}

parentPort!.on('message', async (message: { kind: 'recovered'; since: number } | { kind: 'report' }) => {
  if (message.kind === 'recovered') {
    await untilHit(message.since);
    parentPort!.postMessage({ kind: 'hit' });
  } else parentPort!.postMessage({ kind: 'report', report: await report() });
});
