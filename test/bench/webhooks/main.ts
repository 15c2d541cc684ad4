/**
 * Webhooks at steady rates while workers diagnose what they open: how long an answer takes, beside the same server's bare
 * route and the delivery's INSERT through pg alone at the same rate, in one run. Then as many as go of each.
 *
 *   npm run bench:webhooks -- [--rates 50,200] [--seconds 15] [--database postgresql://…/postgres]
 *
 * Without a database the embedded one; with one, a database of its own on that server.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { failingRun } from './deliveries.js';
import { quantile, type LoadResult } from './load.js';
import { BenchServer } from './server.js';
import type { Subject } from './sender.js';

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '50,200' },
    seconds: { type: 'string', default: '15' },
    database: { type: 'string' },
  },
});
const RATES = values.rates.split(',').map(Number);
const SECONDS = Number(values.seconds);
const TARGET_P99_MS = 100;
const FLOOD_LANES = 16;
const FLOOD_MS = 4_000;
const STATEMENTS_SHOWN = 5;

function show(name: string, { ms, refused, perSecond }: LoadResult): void {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(ms, q).toFixed(1));
  const figures = `p50 ${p50} ms   p95 ${p95} ms   p99 ${p99} ms   max ${ms.at(-1)!.toFixed(1)} ms`;
  console.log(`  ${name.padEnd(15)} ${figures}   ${perSecond.toFixed(0)}/s   not accepted ${refused}`);
}

async function steady(server: BenchServer, rate: number, offset: number): Promise<boolean> {
  console.log(`${rate} a second for ${SECONDS} s:`);
  const run = (subject: Subject): Promise<LoadResult> =>
    server.send({ subject, offset, load: { rate, seconds: SECONDS } });
  const bare = await run('bare');
  show('bare route', bare);
  for (let index = 0; index < rate * SECONDS; index++) server.github.addRun(failingRun(offset + index));
  const [before, cpuBefore] = [await server.hostFigures(), await server.cpuMs()];
  const startedAt = performance.now();
  const webhook = await run('failures');
  const tookMs = performance.now() - startedAt;
  show('webhook', webhook);
  const [after, cpuAfter] = [await server.hostFigures(), await server.cpuMs()];
  show('INSERT alone', await run('insert'));
  const p99 = quantile(webhook.ms, 0.99);
  const isMet = p99 < TARGET_P99_MS && webhook.refused === 0;
  const ratio = (p99 / quantile(bare.ms, 0.99)).toFixed(1);
  console.log(`  webhook p99 ÷ bare p99: ${ratio}; p99 < ${TARGET_P99_MS} ms: ${isMet ? 'met' : 'NOT met'}`);
  const share = (ms: number): string => `${((ms / tookMs) * 100).toFixed(0)} %`;
  console.log(
    `  processor during the webhooks: the server’s process ${share(cpuAfter - cpuBefore)} of a core`,
  );
  if (before && after) {
    const [busy, cpu] = [share(after.busyMs - before.busyMs), share(after.cpuMs - before.cpuMs)];
    console.log(`  of it the embedded database ${cpu} (busy ${busy} of the time), mostly with:`);
    for (const { statement, count, ms } of server.between(before, after).slice(0, STATEMENTS_SHOWN))
      console.log(
        `    ${ms.toFixed(0).padStart(6)} ms in ${String(count).padStart(5)} calls, ${(ms / count).toFixed(1)} ms each: ${statement}`,
      );
  }
  return isMet;
}

const server = await BenchServer.start(values.database ?? null);
try {
  const where = values.database ? 'native PostgreSQL' : 'embedded database';
  const load = loadavg()[0]!.toFixed(1);
  console.log(`${where}, ${cpus().length} cores, Node ${process.version}, load before ${load}`);
  let offset = 0;
  for (const rate of RATES) {
    if (!(await steady(server, rate, offset))) process.exitCode = 1;
    offset += rate * SECONDS;
    await server.untilQuiet();
  }
  console.log(`as many as go, ${FLOOD_LANES} at a time for ${FLOOD_MS / 1_000} s:`);
  const flood = { lanes: FLOOD_LANES, limitMs: FLOOD_MS };
  for (const subject of ['bare', 'successes', 'insert'] as const)
    show(subject, await server.send({ subject, offset, load: flood }));
} finally {
  await server.stop();
}
