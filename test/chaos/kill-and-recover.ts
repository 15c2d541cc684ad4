/**
 * Sends deliveries at the product while it is killed with SIGKILL at random moments, some of them while it starts, then
 * compares the database row by row with what was acknowledged: every delivery that got its 202 has its incident, every
 * incident ends diagnosed, none twice. Fails as well when less was tested than asked for: a delivery that was never
 * acknowledged, a kill that hit no running process.
 *
 *   npm run test:chaos -- [--deliveries 1000] [--kills 5] [--rate 50] [--seed 1]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@app/config';
import {
  GithubStandIn,
  signedDelivery,
  workflowJobEvent,
  workflowRunEvent,
  type JobSeed,
  type RunSeed,
} from '@app/github';
import { openPersistence } from '@app/persistence';
import { ProductProcess, freePort } from '../support/product-process.js';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '5' },
    rate: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    'settle-seconds': { type: 'string', default: '240' },
  },
});
const DELIVERIES = Number(values.deliveries);
const KILLS = Number(values.kills);
const RATE = Number(values.rate);
const SETTLE_LIMIT_MS = Number(values['settle-seconds']) * 1_000;
const SECRET = 'chaos-secret';
const REPOSITORY = 'acme/chaos';
/** A sender gives a delivery up after this long; the run has then failed. */
const SEND_LIMIT_MS = 180_000;
/** After every third kill the next process is killed too, before it is ready. */
const START_UP_KILL_EVERY = 3;
const START_UP_KILL_WITHIN_MS = 1_000;

/** Mulberry32: the same seed kills at the same moments. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Planned {
  readonly id: string;
  readonly event: 'workflow_job' | 'workflow_run';
  readonly body: unknown;
  /** `runId/jobName` of each incident that this delivery must have opened. */
  readonly incidents: readonly string[];
}

/** Runs of one or two failed jobs; half announced job by job, a quarter by the run alone, a quarter both ways. */
function plan(github: GithubStandIn, random: () => number): Planned[] {
  const planned: Planned[] = [];
  for (let runId = 1_000; planned.length < DELIVERIES; runId++) {
    const names = random() < 0.3 ? ['build', 'test'] : ['build'];
    const jobs: JobSeed[] = names.map((name, index) => ({
      id: runId * 10 + index,
      name,
      failedStep: 'Run build',
      log: logOf(runId, random),
    }));
    const run: RunSeed = { repository: REPOSITORY, id: runId, jobs };
    github.addRun(run);
    const kind = random();
    if (kind < 0.75) {
      for (const job of jobs) {
        planned.push({
          id: `job-${job.id}`,
          event: 'workflow_job',
          body: workflowJobEvent(run, job),
          incidents: [`${runId}/${job.name}`],
        });
      }
    }
    if (kind >= 0.5) {
      planned.push({
        id: `run-${runId}`,
        event: 'workflow_run',
        body: workflowRunEvent(run),
        incidents: names.map((name) => `${runId}/${name}`),
      });
    }
  }
  return planned.slice(0, DELIVERIES);
}

/** One of fifty distinct failures, so that both fresh and reused diagnoses are interrupted. */
function logOf(runId: number, random: () => number): string {
  const failure = Math.floor(random() * 50);
  const at = (second: number) =>
    `2026-10-0${1 + (runId % 9)}T10:00:${String(second).padStart(2, '0')}.0000000Z`;
  const noise = Array.from(
    { length: 200 },
    (_, index) => `${at(index % 60)} npm http fetch GET 200 package-${index} ${Math.floor(random() * 900)}ms`,
  );
  return [
    `${at(0)} ##[group]Run npm run build`,
    ...noise,
    `${at(58)} src/module-${failure}.ts(${failure + 3},7): error TS2304: Cannot find name 'value${failure}'.`,
    `${at(59)} ##[error]Process completed with exit code 2.`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const random = randomOf(Number(values.seed));
  const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-chaos-'));
  const github = await GithubStandIn.start();
  const port = await freePort();
  const env = {
    PORT: String(port),
    DATA_DIR: dataDir,
    GITHUB_API_URL: github.url,
    GITHUB_WEBHOOK_SECRET: SECRET,
    LOG_LEVEL: 'warn',
    OUTBOX_GRACE_MS: '3000',
    OUTBOX_SWEEP_INTERVAL_MS: '1000',
    CLAIM_LEASE_MS: '5000',
    RATELIMIT_ENABLED: 'false',
  };
  const planned = plan(github, random);
  const acknowledged = new Set<string>();
  let retries = 0;
  const kills = { running: 0, starting: 0 };
  const startedAt = performance.now();
  let product = await ProductProcess.spawn('standalone', env).ready();

  const send = async (delivery: Planned): Promise<void> => {
    const { headers, body } = signedDelivery(delivery.event, delivery.body, SECRET, delivery.id);
    const deadline = performance.now() + SEND_LIMIT_MS;
    while (performance.now() < deadline) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/webhooks/github`, {
          method: 'POST',
          headers,
          body,
        });
        await response.arrayBuffer();
        if (response.ok) {
          acknowledged.add(delivery.id);
          return;
        }
      } catch {
        // Killed in between: what a sender sees is a cut or refused connection.
      }
      retries++;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };

  const sendingMs = (DELIVERIES / RATE) * 1_000;
  const killTimes = Array.from({ length: KILLS }, () => random() * sendingMs).toSorted((a, b) => a - b);
  const startedSending = performance.now();
  const chaos = (async () => {
    for (const [index, time] of killTimes.entries()) {
      const wait = startedSending + time - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      await killOne(product, 'running', kills);
      product = ProductProcess.spawn('standalone', env);
      if (index % START_UP_KILL_EVERY === 0) {
        await new Promise((resolve) => setTimeout(resolve, random() * START_UP_KILL_WITHIN_MS));
        await killOne(product, 'starting', kills);
        product = ProductProcess.spawn('standalone', env);
      }
      await product.ready();
    }
  })();
  const sending: Promise<void>[] = [];
  for (const [index, delivery] of planned.entries()) {
    const wait = startedSending + (index / RATE) * 1_000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sending.push(send(delivery));
    // One in ten is sent twice, as GitHub's redelivery does.
    if (random() < 0.1) sending.push(send(delivery));
  }
  await Promise.all(sending);
  await chaos;

  const expected = new Map<string, number>();
  for (const delivery of planned) {
    if (acknowledged.has(delivery.id))
      for (const incident of delivery.incidents) expected.set(incident, (expected.get(incident) ?? 0) + 1);
  }
  const persistence = await openPersistence(loadConfig({ DATA_DIR: dataDir }));
  const problems = untested(planned, acknowledged, expected, kills);
  try {
    const settled = await settle(persistence, expected.size);
    compare(settled.rows, settled.deliveries, expected, acknowledged, problems);
    const rows = settled.rows;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(
      `${planned.length} deliveries, ${acknowledged.size} acknowledged, ${kills.running} × SIGKILL while it ran, ${kills.starting} × while it started, ${retries} retried sends, ${seconds} s`,
    );
    console.log(
      `${rows.length} incidents of ${expected.size} expected; ${rows.filter(({ status }) => status === 'diagnosed').length} diagnosed`,
    );
  } finally {
    await persistence.close();
    await product.stop();
    await github.close();
    await rm(dataDir, { recursive: true, force: true });
  }
  for (const problem of problems.slice(0, 20)) console.error(`WRONG: ${problem}`);
  console.log(problems.length === 0 ? 'Nothing lost, nothing twice.' : `${problems.length} problems.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

type Kills = Record<'running' | 'starting', number>;

/** Counts a kill that ended a live process in the state it was meant for; one that had ended by itself was not killed. */
async function killOne(product: ProductProcess, when: keyof Kills, kills: Kills): Promise<void> {
  const ready = (await fetch(`${product.url}/health/ready`).catch(() => null))?.ok === true;
  await product.kill();
  if (product.child.signalCode === 'SIGKILL' && (when === 'running' || !ready)) kills[when]++;
}

/** What the run did not get round to. It proves nothing then, however well the database looks. */
function untested(
  planned: readonly Planned[],
  acknowledged: ReadonlySet<string>,
  expected: ReadonlyMap<string, number>,
  kills: Kills,
): string[] {
  const problems: string[] = [];
  for (const { id } of planned)
    if (!acknowledged.has(id)) problems.push(`delivery ${id} was never acknowledged`);
  if (kills.running !== KILLS)
    problems.push(`${kills.running} of ${KILLS} kills hit a process that was running`);
  const starting = Math.ceil(KILLS / START_UP_KILL_EVERY);
  if (kills.starting !== starting)
    problems.push(`${kills.starting} of ${starting} kills hit a process that was starting`);
  if (expected.size === 0) problems.push('no incident was expected: there was nothing to lose');
  return problems;
}

interface Row {
  readonly key: string;
  readonly status: string;
  readonly reason: string | null;
  readonly occurrences: number;
}

type Persistence = Awaited<ReturnType<typeof openPersistence>>;

/** Waits until as many incidents as expected are there and none has work left, or the time is up. */
async function settle(
  persistence: Persistence,
  expected: number,
): Promise<{ rows: Row[]; deliveries: Set<string> }> {
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const rows: Row[] = await persistence.dataSource.query(
      `SELECT run_id || '/' || job_name AS key, status, status_reason AS reason, occurrences FROM incidents`,
    );
    const done =
      rows.length >= expected && rows.every(({ status }) => status !== 'received' && status !== 'diagnosing');
    if (done || performance.now() > deadline) {
      const stored: { id: string }[] = await persistence.dataSource.query(
        `SELECT id FROM deliveries WHERE status <> 'pending'`,
      );
      return { rows, deliveries: new Set(stored.map(({ id }) => id)) };
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function compare(
  rows: readonly Row[],
  deliveries: ReadonlySet<string>,
  expected: ReadonlyMap<string, number>,
  acknowledged: ReadonlySet<string>,
  problems: string[],
): void {
  const seen = new Map<string, number>();
  for (const { key, status, reason, occurrences } of rows) {
    seen.set(key, (seen.get(key) ?? 0) + 1);
    if (status !== 'diagnosed') problems.push(`incident ${key} ended ${status}: ${reason}`);
    if (Number(occurrences) !== 1)
      problems.push(`incident ${key} counts ${occurrences} occurrences of one attempt`);
  }
  for (const [key, times] of seen) if (times > 1) problems.push(`incident ${key} stands ${times} times`);
  for (const key of expected.keys())
    if (!seen.has(key)) problems.push(`acknowledged failure ${key} has no incident`);
  for (const id of acknowledged)
    if (!deliveries.has(id)) problems.push(`acknowledged delivery ${id} is not stored or still pending`);
}

await main();
