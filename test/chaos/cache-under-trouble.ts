/**
 * Mixed traffic on two caches over one Redis while that Redis is absent, killed, stopped, full, flushed, restarted empty
 * and replaced by a stranger. Every value carries its version: no reader may see an older one after its invalidation
 * was acknowledged. Each cache runs in a thread with connections, memory and event loop of its own, so that the
 * database they read from can be shared memory and the moment of every acknowledgement is exact.
 *
 *   npm run test:chaos:cache -- [--minutes 0] [--rate 2000]     0: each trouble once, about 40 s
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { ControlledRedis } from '../support/controlled-redis.js';
import { freePort } from '../support/product-process.js';
import type { TrafficOrder, TrafficReport } from './cache-traffic.js';
import { VersionBook } from './version-book.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '0' }, rate: { type: 'string', default: '2000' } },
});
const RATE = Number(values.rate);
const LAST_MS = Number(values.minutes) * 60_000;
const THREADS = 2;
const KEYS = 400;
const CALM_MS = 2_000;
/** What is promised. */
const WAIT_LIMIT_MS = 50;
const HIT_AGAIN_LIMIT_MS = 2_000;
const UNHEARD_LIMIT_MS = 1_000;
const COHERENT_WITHIN_MS = 50;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const redis = new ControlledRedis(await freePort());

/** Each makes its trouble, and resolves when Redis answers again. */
const TROUBLES: Readonly<Record<string, () => Promise<void>>> = {
  async killed() {
    await redis.kill();
    await pause(2_500);
    await redis.start();
  },
  async 'stopped for 10 s'() {
    redis.pause();
    await pause(10_000);
    redis.resume();
  },
  async full() {
    await redis.fill();
    await pause(3_000);
    await redis.empty();
  },
  async flushed() {
    await redis.command('FLUSHALL');
  },
  async 'restarted empty'() {
    await redis.kill();
    await redis.start();
  },
  async 'replaced by a stranger'() {
    await redis.replaceBy('+OK\r\n$-1\r\nwhat?\r\n');
    await pause(2_500);
    await redis.removeStranger();
    await redis.start();
  },
};

interface Told {
  readonly name: string;
  readonly from: number;
  to: number;
}

const book = new VersionBook(KEYS);
const told: Told[] = [];
const workers: Worker[] = [];

function spawn(thread: number): Worker {
  const order: TrafficOrder = {
    thread,
    threads: THREADS,
    opsPerSecond: RATE / THREADS,
    keys: KEYS,
    buffers: book.buffers,
    env: { CACHE_REDIS_URL: redis.url, CACHE_PREFIX: 'chaos', CACHE_TTL_FACETS_SECONDS: '3' },
  };
  return new Worker(new URL('./cache-traffic.js', import.meta.url), { workerData: order });
}

/** Waits until every thread has hit in the shared tier again; then everybody must know everything. */
async function recovered(): Promise<void> {
  const since = VersionBook.now();
  await Promise.all(
    workers.map(async (worker) => {
      const hit = once(worker, 'message');
      worker.postMessage({ kind: 'recovered', since });
      await hit;
    }),
  );
  // What is remembered is told within a beat.
  await pause(300);
  book.endTrouble();
}

async function through(name: string, trouble: () => Promise<void>): Promise<void> {
  const window: Told = { name, from: VersionBook.now(), to: Infinity };
  told.push(window);
  book.beginTrouble();
  await trouble();
  await recovered();
  await pause(CALM_MS);
  window.to = VersionBook.now();
  console.log(`  survived: ${name}`);
}

async function reportOf(worker: Worker): Promise<TrafficReport> {
  const answer = once(worker, 'message') as Promise<[{ report: TrafficReport }]>;
  worker.postMessage({ kind: 'report' });
  const [{ report }] = await answer;
  await worker.terminate();
  return report;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
const ms = (value: number): string => `${value.toFixed(1)} ms`;

function judge(reports: readonly TrafficReport[], tookMs: number): string[] {
  const sum = (of: (report: TrafficReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const [operations, reads] = [sum((report) => report.operations), sum((report) => report.reads)];
  const failures = reports.flatMap((report) => report.failures);
  const late = reports.flatMap((report) => report.lateMs).toSorted((a, b) => a - b);
  const again = reports.flatMap((report) => report.hitAgainAfterMs);
  const ownStale = sum((report) => report.ownStale);
  const beyond = late.filter((each) => each > COHERENT_WITHIN_MS).length;
  const problems: string[] = [];
  const hold = (holds: boolean, problem: string): void => void (holds || problems.push(problem));

  console.log(
    `${operations} calls in ${(tookMs / 1_000).toFixed(0)} s (${((operations / tookMs) * 1_000).toFixed(0)}/s), ${reads} reads, ${sum((report) => report.hits)} hits, ${told.length} troubles`,
  );
  reports.forEach(({ waitsMs, loopDelayMs }, thread) =>
    console.log(
      `thread ${thread}: waited for the cache p50 ${ms(waitsMs.p50)}  p99 ${ms(waitsMs.p99)}  p99.9 ${ms(waitsMs.p999)}  max ${ms(waitsMs.max)}; event loop late p99 ${ms(loopDelayMs.p99)}  p99.9 ${ms(loopDelayMs.p999)}  max ${ms(loopDelayMs.max)}`,
    ),
  );
  console.log(
    `reads behind another thread's acknowledged change: ${late.length}, by p99 ${ms(quantile(late, 0.99))}, at most ${ms(late.at(-1) ?? 0)}; beyond ${COHERENT_WITHIN_MS} ms: ${beyond}`,
  );
  console.log(`shared tier hit again after ${again.map(ms).join(', ')}`);
  hold(failures.length === 0, `${failures.length} calls failed; the first: ${failures[0]}`);
  hold(ownStale === 0, `${ownStale} reads were older than what their own process had invalidated`);
  hold((late.at(-1) ?? 0) <= UNHEARD_LIMIT_MS, `a read was behind by ${ms(late.at(-1) ?? 0)}`);
  hold(
    beyond <= reads / 1_000,
    `${beyond} of ${reads} reads were behind by more than ${COHERENT_WITHIN_MS} ms`,
  );
  hold(Math.max(...again) <= HIT_AGAIN_LIMIT_MS, `hits came again only after ${ms(Math.max(...again))}`);
  reports.forEach(({ waitsMs, warnings }, thread) => {
    hold(waitsMs.p999 <= WAIT_LIMIT_MS, `thread ${thread}: p99.9 of waiting is ${ms(waitsMs.p999)}`);
    for (const { name, from, to } of told) {
      const events = warnings.filter(({ at }) => at >= from && at < to).map(({ event }) => event);
      const twice = events.filter((event, index) => events.indexOf(event) !== index);
      hold(twice.length === 0, `thread ${thread}, ${name}: warned more than once of ${twice.join(', ')}`);
    }
  });
  return problems;
}

const startedAt = performance.now();
try {
  book.beginTrouble();
  const window: Told = { name: 'absent at start', from: VersionBook.now(), to: Infinity };
  told.push(window);
  for (let thread = 0; thread < THREADS; thread += 1) workers.push(spawn(thread));
  await pause(CALM_MS);
  await redis.start();
  await recovered();
  await pause(CALM_MS);
  window.to = VersionBook.now();
  console.log('  survived: absent at start');
  do {
    for (const [name, trouble] of Object.entries(TROUBLES)) await through(name, trouble);
  } while (performance.now() - startedAt < LAST_MS);
  const problems = judge(await Promise.all(workers.map(reportOf)), performance.now() - startedAt);
  for (const problem of problems) console.error(`NOT met: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else console.log('every promise was kept');
} finally {
  await Promise.all(workers.map((worker) => worker.terminate()));
  await redis.kill();
}
