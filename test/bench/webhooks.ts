/**
 * Latency of the webhook endpoint at a steady rate, embedded mode, while workers diagnose what it opens; beside it, in
 * the same run and at the same rate, the server's bare liveness route. Then how many deliveries a second are accepted and
 * stored at most, against the bare route and against the delivery's INSERT alone through pg.
 *
 *   npm run bench:webhooks -- [--rate 50] [--seconds 20]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@app/config';
import { GithubStandIn, readDelivery, signedDelivery, workflowJobEvent } from '@app/github';
import { openPersistence } from '@app/persistence';
import { ProductProcess, freePort } from '../support/product-process.js';

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '50' }, seconds: { type: 'string', default: '20' } },
});
const RATE = Number(values.rate);
const SECONDS = Number(values.seconds);
const SECRET = 'bench-secret';
const TARGET_P99_MS = 100;

/** Sends at fixed moments whatever the answers take (open loop). Milliseconds from send to answer, sorted. */
async function load(send: (index: number) => Promise<boolean>): Promise<{ ms: number[]; refused: number }> {
  const ms: number[] = [];
  let refused = 0;
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < RATE * SECONDS; index++) {
    const wait = startedAt + (index / RATE) * 1_000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const sentAt = performance.now();
    pending.push(
      send(index).then((accepted) => {
        ms.push(performance.now() - sentAt);
        if (!accepted) refused++;
      }),
    );
  }
  await Promise.all(pending);
  return { ms: ms.toSorted((a, b) => a - b), refused };
}

const FLOOD_LANES = 16;
const FLOOD_MS = 5_000;

/** Calls a second, each lane's next as soon as its last has been answered. */
async function asManyAsGo(call: (index: number) => Promise<void>): Promise<number> {
  let calls = 0;
  const startedAt = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - startedAt < FLOOD_MS) await call(calls++);
  };
  await Promise.all(Array.from({ length: FLOOD_LANES }, lane));
  return calls / ((performance.now() - startedAt) / 1_000);
}

/** Passing jobs, as most deliveries are: stored as facts, and no work for the workers. */
function floodDeliveries(offset: number): (index: number) => ReturnType<typeof signedDelivery> {
  return (index) => {
    const job = { id: 9_000_000 + offset + index, name: 'build', conclusion: 'success' };
    const run = { repository: 'acme/flood', id: 900_000 + offset + index, jobs: [job] };
    return signedDelivery('workflow_job', workflowJobEvent(run, job), SECRET);
  };
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;

const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-bench-'));
const github = await GithubStandIn.start();
const port = await freePort();
const product = await ProductProcess.spawn('standalone', {
  PORT: String(port),
  DATA_DIR: dataDir,
  GITHUB_API_URL: github.url,
  GITHUB_WEBHOOK_SECRET: SECRET,
  LOG_LEVEL: 'warn',
}).ready();
try {
  const deliveries = Array.from({ length: RATE * SECONDS }, (_, index) => {
    const job = {
      id: 50_000 + index,
      name: 'build',
      failedStep: 'Run build',
      log: `2026-10-01T10:00:00.0000000Z ##[group]Run npm run build\n${'2026-10-01T10:00:01.0000000Z npm http fetch GET 200 package\n'.repeat(500)}2026-10-01T10:00:02.0000000Z src/a${index % 20}.ts(3,7): error TS2304: Cannot find name 'v'.\n2026-10-01T10:00:03.0000000Z ##[error]Process completed with exit code 2.\n`,
    };
    const run = { repository: 'acme/bench', id: 10_000 + index, jobs: [job] };
    github.addRun(run);
    return signedDelivery('workflow_job', workflowJobEvent(run, job), SECRET);
  });
  const bare = await load(async () => {
    const response = await fetch(`${product.url}/health/live`);
    await response.arrayBuffer();
    return response.ok;
  });
  const webhook = await load(async (index) => {
    const { headers, body } = deliveries[index]!;
    const response = await fetch(`${product.url}/api/v1/webhooks/github`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status === 202;
  });

  // As many as go: what the endpoint takes and stores, against what the server and the database do without it.
  const flood = floodDeliveries(deliveries.length);
  const bareFlood = await asManyAsGo(async () => {
    const response = await fetch(`${product.url}/health/live`);
    await response.arrayBuffer();
  });
  const webhookFlood = await asManyAsGo(async (index) => {
    const { headers, body } = flood(index);
    const response = await fetch(`${product.url}/api/v1/webhooks/github`, { method: 'POST', headers, body });
    await response.arrayBuffer();
  });
  const database = await openPersistence(loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
  const pool = database.createPool({ max: 10 });
  await pool.query('CREATE TABLE bench_deliveries (LIKE deliveries INCLUDING ALL)');
  const insertFlood = await asManyAsGo(async (index) => {
    const payload = JSON.parse(flood(index).body) as Record<string, unknown>;
    const { action, repository, receivedAt, meaning } = readDelivery({
      id: `insert-${index}`,
      event: 'workflow_job',
      payload,
      receivedAt: new Date(),
    });
    await pool.query(
      `INSERT INTO bench_deliveries (
         id, event, action, repository, received_at, meaning, status, outbox_at, project_id, payload)
       VALUES ($1, 'workflow_job', $2, $3, $4, $5, 'processed', $4, (SELECT id FROM projects LIMIT 1), $6)`,
      [`insert-${index}`, action, repository, receivedAt, meaning, payload],
    );
  });
  await pool.query('DROP TABLE bench_deliveries');
  await database.close();

  console.log(
    `${RATE} requests a second for ${SECONDS} s, embedded mode, ${cpus().length} cores, Node ${process.version}`,
  );
  for (const [name, { ms, refused }] of Object.entries({ 'bare route': bare, webhook })) {
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => quantile(ms, q).toFixed(1));
    console.log(
      `${name.padEnd(12)} p50 ${p50} ms   p95 ${p95} ms   p99 ${p99} ms   max ${ms.at(-1)!.toFixed(1)} ms   not accepted ${refused}`,
    );
  }
  const p99 = quantile(webhook.ms, 0.99);
  console.log(
    `webhook p99 ÷ bare p99: ${(p99 / quantile(bare.ms, 0.99)).toFixed(1)}; target p99 < ${TARGET_P99_MS} ms: ${p99 < TARGET_P99_MS ? 'met' : 'NOT met'}`,
  );
  console.log(
    `as many as go, ${FLOOD_LANES} at a time for ${FLOOD_MS / 1_000} s: bare route ${bareFlood.toFixed(0)}/s, webhooks accepted and stored ${webhookFlood.toFixed(0)}/s, the delivery’s INSERT through pg alone ${insertFlood.toFixed(0)}/s`,
  );
  if (p99 >= TARGET_P99_MS || webhook.refused > 0) process.exitCode = 1;
} finally {
  await product.stop();
  await github.close();
  await rm(dataDir, { recursive: true, force: true });
}
