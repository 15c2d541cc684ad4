/**
 * Cache hits side by side, in turns within one run: the product's cache (memory, Redis), raw ioredis GET, the same with the
 * product's decoding, bentocache and cacheable; values of 200 B, 20 KB and 1 MB, one caller and fifty.
 * What each of them does is part of the output.
 *
 *   npm run bench:cache -- [--rounds 15] [--redis redis://127.0.0.1:6379]
 *
 * Without --redis a server of its own is started. Fails when a target is not met.
 */
import { randomUUID } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startRedisServer } from '../support/redis-server.js';
import { openContestants, WHAT_THEY_DO } from './cache-contestants.js';
import { compared, measureInTurns, type Measured } from './measure-in-turns.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, redis: { type: 'string' } },
});
const ROUNDS = Number(values.rounds);
const SIZES = { '200 B': 200, '20 KB': 20_000, '1 MB': 1_000_000 } as const;
/** Calls a round: enough for a steady median, few enough to take turns often. */
const CALLS = { '200 B': 600, '20 KB': 200, '1 MB': 20 } as const;
const CONCURRENCIES = [1, 50];
const BATCH = 100;

const TARGETS = {
  memoryToBento: 1,
  redisToRaw: 1.3,
  overheadMicros: 10,
  batchToOne: 3,
};

interface Target {
  readonly what: string;
  readonly figure: string;
  readonly bound: string;
  readonly met: boolean;
}

const server = values.redis === undefined ? await startRedisServer() : null;
const contestants = await openContestants(values.redis ?? server!.url, `bench-${randomUUID()}`);
const targets: Target[] = [];
try {
  console.log(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; load ${load()}; medians of ${ROUNDS} rounds; µs\n`,
  );
  for (const [what, does] of Object.entries(WHAT_THEY_DO)) console.log(`${what.padEnd(20)} ${does}`);
  console.log();
  console.log(row(['value', 'callers', 'what', 'p50', 'p99', 'event loop late, p99', 'max']));
  for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[])
    for (const callers of CONCURRENCIES) await compare(size, callers);
  await compareBatch();
  console.log('\ntarget');
  for (const { what, figure, bound, met } of targets)
    console.log(`${what.padEnd(58)} ${figure.padStart(10)}   ${bound.padEnd(10)} ${met ? 'met' : 'NOT met'}`);
  console.log(`\nload at the end ${load()}`);
  if (targets.some(({ met }) => !met)) process.exitCode = 1;
} finally {
  await contestants.close();
  await server?.stop();
}

async function compare(size: keyof typeof SIZES, callers: number): Promise<void> {
  const key = await contestants.fill(SIZES[size]);
  const measured = await measureInTurns(contestants.reads(key), {
    rounds: ROUNDS,
    calls: CALLS[size],
    callers,
  });
  show(size, callers, measured);
  const label = `${size}, ${callers === 1 ? '1 caller' : `${callers} callers`}`;
  ratio(
    `memory hit ÷ bentocache’s (${label})`,
    times(measured.memory, measured['bentocache memory']),
    TARGETS.memoryToBento,
  );
  ratio(
    `Redis hit ÷ (raw GET + decode) (${label})`,
    times(measured.redis, measured['raw GET + decode']),
    TARGETS.redisToRaw,
  );
  // With many callers a call's time is that of those before it: only alone it shows what the port adds.
  if (callers > 1) return;
  micros(`memory: port over bare store (${label})`, more(measured.memory, measured['bare memory store']));
  micros(`Redis: port over bare store (${label})`, more(measured.redis, measured['bare redis store']));
}

async function compareBatch(): Promise<void> {
  const keys = await contestants.fillMany(BATCH, SIZES['200 B']);
  const measured = await measureInTurns(contestants.batchReads(keys), {
    rounds: ROUNDS,
    calls: 300,
    callers: 1,
  });
  show('200 B', 1, measured);
  const { batch, one, 'raw MGET + decode': raw } = measured;
  ratio(`Redis: batch of ${BATCH} ÷ one GET (200 B)`, times(batch, one), TARGETS.batchToOne);
  console.log(
    `\nbatch ÷ (raw MGET + decode): ${times(batch, raw).toFixed(2)}; ÷ one: ${times(raw, one).toFixed(2)} for the latter`,
  );
}

function show(size: string, callers: number, measured: Readonly<Record<string, Measured>>): void {
  for (const [what, { p50, p99, lateP99, lateMax }] of Object.entries(measured))
    console.log(
      row([size, `${callers}`, what, ...[p50, p99, lateP99, lateMax].map((each) => each.toFixed(1))]),
    );
}

/** Of the last minute, five and fifteen: how busy the machine was besides. */
function load(): string {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
}

function times(a: Measured, b: Measured): number {
  return compared(a, b, (x, y) => x / y);
}

function more(a: Measured, b: Measured): number {
  return compared(a, b, (x, y) => x - y);
}

function ratio(what: string, figure: number, bound: number): void {
  targets.push({ what, figure: figure.toFixed(2), bound: `≤ ${bound}`, met: figure <= bound });
}

function micros(what: string, figure: number): void {
  const bound = TARGETS.overheadMicros;
  targets.push({ what, figure: `${figure.toFixed(1)} µs`, bound: `≤ ${bound} µs`, met: figure <= bound });
}

function row([size = '', callers = '', what = '', ...figures]: readonly string[]): string {
  return `${size.padEnd(7)} ${callers.padStart(7)}  ${what.padEnd(20)} ${figures.map((each) => each.padStart(10)).join(' ')}`;
}
