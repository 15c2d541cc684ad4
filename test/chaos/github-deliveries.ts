/**
 * Recorded deliveries of runs with several jobs and attempts, a share of them twice, in random order and some never, at the
 * product, which is killed with SIGKILL while GitHub's API fails a share of its calls. Afterwards the database is compared
 * row by row with what happened: each failed job of a run is exactly one incident with all its attempts, each repaired one
 * is resolved by the attempt that proved it, none other is. What was lost on the way is found by comparison.
 *
 *   npm run test:chaos:github -- [--deliveries 20000] [--kills 5] [--duplicate 0.2] [--failing 0.1] [--lost 0.01] [--seed 1]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
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
import type { RecordedDelivery } from '../../apps/cli/src/replay/recorded-delivery.js';
import { planSendings, randomOf, type PlannedSending } from '../../apps/cli/src/replay/sending-plan.js';
import { ProductProcess, freePort } from '../support/product-process.js';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '5' },
    duplicate: { type: 'string', default: '0.2' },
    failing: { type: 'string', default: '0.1' },
    lost: { type: 'string', default: '0.01' },
    seed: { type: 'string', default: '1' },
    'settle-seconds': { type: 'string', default: '900' },
  },
});
const DELIVERIES = Number(values.deliveries);
const KILLS = Number(values.kills);
const FAILING = Number(values.failing);
const SEED = Number(values.seed);
const SETTLE_LIMIT_MS = Number(values['settle-seconds']) * 1_000;
const SECRET = 'chaos-secret';
const REPOSITORIES = Array.from({ length: 8 }, (_, index) => `acme/chaos-${index}`);
const JOBS = ['build', 'test', 'lint'];
const IN_FLIGHT = 16;
/** Distinct failures. */
const CAUSES = 40;

/** What must be in the database for one failed job of a run. */
interface Expected {
  attempts: number[];
  /** `runId/attempt` of the first attempt that proves it repaired; null: none does. */
  provenBy: string | null;
}

interface Plan {
  readonly deliveries: RecordedDelivery[];
  /** By `repository/runId/jobName`. */
  readonly expected: Map<string, Expected>;
}

/** Runs on one branch a repository, of up to three attempts; each ends in what its jobs end in. */
function plan(github: GithubStandIn, random: () => number): Plan {
  const deliveries: RecordedDelivery[] = [];
  const expected = new Map<string, Expected>();
  const open = new Map<string, Expected[]>();
  // The runs are of the last hours, as comparison looks at them.
  const start = Date.now() - 2 * 3_600_000;
  let second = 0;
  for (let runId = 1_000; deliveries.length < DELIVERIES; runId++) {
    const repository = REPOSITORIES[Math.floor(random() * REPOSITORIES.length)]!;
    let names = JOBS.slice(0, 1 + Math.floor(random() * JOBS.length));
    for (let attempt = 1; attempt <= 3 && names.length > 0; attempt++) {
      const completedAt = new Date(start + Math.floor(second++ * (7_000_000 / DELIVERIES) * 3));
      const jobs: JobSeed[] = names.map((name) => ({
        id: runId * 100 + attempt * 10 + JOBS.indexOf(name),
        name,
        conclusion: random() < 0.45 ? 'failure' : random() < 0.9 ? 'success' : 'skipped',
        failedStep: 'Run build',
        startedAt: completedAt,
        completedAt,
        log: logOf(runId, Math.floor(random() * CAUSES)),
      }));
      const hasFailed = jobs.some(({ conclusion }) => conclusion === 'failure');
      const run: RunSeed = {
        repository,
        id: runId,
        attempt,
        conclusion: hasFailed ? 'failure' : 'success',
        completedAt,
        jobs,
      };
      github.addRun(run);
      for (const job of jobs) {
        expectJob(expected, open, run, job);
        deliveries.push(recorded(`job-${job.id}`, 'workflow_job', workflowJobEvent(run, job)));
      }
      deliveries.push(recorded(`run-${runId}-${attempt}`, 'workflow_run', workflowRunEvent(run)));
      // A rerun runs the failed jobs.
      names =
        random() < 0.5 ? jobs.filter((job) => job.conclusion === 'failure').map(({ name }) => name) : [];
    }
  }
  return { deliveries, expected };
}

function recorded(id: string, event: string, payload: unknown): RecordedDelivery {
  return { id, event, payload, at: null };
}

/** Runs come in order here, each attempt later than all before: whatever passes proves all that failed before it. */
function expectJob(
  expected: Map<string, Expected>,
  openOf: Map<string, Expected[]>,
  run: RunSeed,
  job: JobSeed,
): void {
  const own = `${run.repository}/${run.id}/${job.name}`;
  const line = `${run.repository}/${job.name}`;
  const attempt = run.attempt ?? 1;
  if (job.conclusion === 'failure') {
    const incident = expected.get(own) ?? { attempts: [], provenBy: null };
    incident.attempts.push(attempt);
    expected.set(own, incident);
    if (attempt === 1) openOf.set(line, [...(openOf.get(line) ?? []), incident]);
  } else if (job.conclusion === 'success') {
    for (const incident of openOf.get(line) ?? []) incident.provenBy = `${run.id}/${attempt}`;
    openOf.delete(line);
  }
}

function logOf(runId: number, cause: number): string {
  const at = (second: number) => `2026-10-0${1 + (runId % 9)}T10:00:${second}.0000000Z`;
  return [
    `${at(10)} ##[group]Run npm run build`,
    ...Array.from({ length: 40 }, (_, line) => `${at(11)} npm http fetch GET 200 package-${line}`),
    `${at(58)} src/module-${cause}.ts(${cause + 3},7): error TS2304: Cannot find name 'value${cause}'.`,
    `${at(59)} ##[error]Process completed with exit code 2.`,
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const random = randomOf(SEED);
  const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-chaos-github-'));
  const github = await GithubStandIn.start();
  const port = await freePort();
  const env = {
    PORT: String(port),
    DATA_DIR: dataDir,
    GITHUB_API_URL: github.url,
    GITHUB_TOKEN: 'chaos-token',
    GITHUB_WEBHOOK_SECRET: SECRET,
    LOG_LEVEL: 'error',
    OUTBOX_GRACE_MS: '3000',
    OUTBOX_SWEEP_INTERVAL_MS: '1000',
    CLAIM_LEASE_MS: '5000',
    QUEUE_BACKOFF_MS: '200',
    RECONCILE_INTERVAL_MS: '5000',
    RATELIMIT_ENABLED: 'false',
  };
  const { deliveries, expected } = plan(github, random);
  const sendings = planSendings(deliveries, 0, {
    duplicate: Number(values.duplicate),
    drop: Number(values.lost),
    shuffle: true,
    delayMs: 0,
    seed: SEED,
  });
  const lost = deliveries.length - new Set(sendings.map(({ id }) => id)).size;
  let product = await ProductProcess.spawn('standalone', env).ready();
  const failures = failSome(github, random);

  const startedAt = performance.now();
  let retries = 0;
  let kills = 0;
  const waiting = [...sendings];
  const killAt = Array.from({ length: KILLS }, (_, index) =>
    Math.floor((waiting.length * (index + 0.3 + random() * 0.4)) / KILLS),
  );
  let killing: Promise<void> | null = null;
  const killAndStart = async (): Promise<void> => {
    await product.kill();
    if (product.child.signalCode === 'SIGKILL') kills++;
    product = await ProductProcess.spawn('standalone', env).ready();
    killing = null;
  };
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (killAt[0] !== undefined && sendings.length - waiting.length >= killAt[0] && killing === null) {
        killAt.shift();
        killing = killAndStart();
      }
      while (!(await send(next, port))) {
        retries++;
        await after(100);
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  await killing;
  const sentMs = performance.now() - startedAt;

  const persistence = await openPersistence(loadConfig({ DATA_DIR: dataDir }));
  const problems: string[] = [];
  try {
    const rows = await settle(persistence, expected);
    compare(rows, expected, problems);
    if (kills !== KILLS) problems.push(`${kills} of ${KILLS} kills hit a running process`);
    const resolved = rows.filter(({ status }) => status === 'resolved').length;
    console.log(
      `${deliveries.length} deliveries, ${lost} of them never sent, ${sendings.length} sendings in ${(sentMs / 1_000).toFixed(1)} s, ${kills} × SIGKILL, ${retries} retried sends, ${failures.injected} API calls failed`,
    );
    console.log(
      `${rows.length} incidents of ${expected.size} expected, ${resolved} resolved; all settled after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`,
    );
  } finally {
    failures.stop();
    await persistence.close();
    await product.stop();
    await github.close();
    await rm(dataDir, { recursive: true, force: true });
  }
  for (const problem of problems.slice(0, 20)) console.error(`WRONG: ${problem}`);
  console.log(
    problems.length === 0
      ? 'Every failed job of a run is one incident with all its attempts, and every repair is known.'
      : `${problems.length} problems.`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function send(sending: PlannedSending, port: number): Promise<boolean> {
  const { headers, body } = signedDelivery(sending.event, sending.payload, SECRET, sending.id);
  try {
    const address = `http://127.0.0.1:${port}/api/v1/webhooks/github`;
    const response = await fetch(address, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // Killed in between: what a sender sees is a cut or refused connection.
    return false;
  }
}

/** Keeps a share of the coming API calls failing: 502s, cut connections and secondary limits. */
function failSome(github: GithubStandIn, random: () => number): { injected: number; stop(): void } {
  const routes = ['jobs', 'log', 'run'] as const;
  const seen = Object.fromEntries(routes.map((route) => [route, 0])) as Record<
    (typeof routes)[number],
    number
  >;
  const state = { injected: 0, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    for (const route of routes) {
      const fresh = github.calls[route] - seen[route];
      seen[route] = github.calls[route];
      for (let call = 0; call < fresh; call++) {
        if (random() >= FAILING) continue;
        state.injected++;
        github.fail(route, random() < 0.5 ? { kind: 'status', status: 502 } : { kind: 'cut' });
      }
    }
  }, 50);
  return state;
}

interface Row {
  readonly key: string;
  readonly status: string;
  readonly occurrences: number;
  readonly attempts: number[];
  readonly provenBy: string | null;
}

type Persistence = Awaited<ReturnType<typeof openPersistence>>;

/** Waits until each incident is there with all its attempts and has no work left, or the time is up. */
async function settle(persistence: Persistence, expected: ReadonlyMap<string, Expected>): Promise<Row[]> {
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const rows: Row[] = await persistence.dataSource.query(
      `SELECT p.owner || '/' || p.name || '/' || i.run_id || '/' || i.job_name AS key, i.status, i.occurrences,
         (SELECT array_agg(o.attempt ORDER BY o.attempt) FROM occurrences o WHERE o.incident_id = i.id) AS attempts,
         (i.verified_by->>'runId') || '/' || (i.verified_by->>'attempt') AS "provenBy"
       FROM incidents i JOIN projects p ON p.id = i.project_id`,
    );
    const problems: string[] = [];
    compare(rows, expected, problems);
    if (problems.length === 0 || performance.now() > deadline) return rows;
    await after(2_000);
  }
}

function compare(rows: readonly Row[], expected: ReadonlyMap<string, Expected>, problems: string[]): void {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    if (seen.has(row.key)) problems.push(`${row.key} is there twice`);
    seen.set(row.key, row);
    if (!expected.has(row.key)) problems.push(`${row.key} did not fail`);
  }
  for (const [key, { attempts, provenBy }] of expected) {
    const row = seen.get(key);
    if (!row) {
      problems.push(`${key} is missing`);
      continue;
    }
    if (row.attempts.join() !== attempts.join() || row.occurrences !== attempts.length)
      problems.push(`${key} has the attempts ${row.attempts.join()} and not ${attempts.join()}`);
    const status = provenBy === null ? 'diagnosed' : 'resolved';
    if (row.status !== status) problems.push(`${key} is ${row.status} and not ${status}`);
    if (row.provenBy !== provenBy) problems.push(`${key} is proven by ${row.provenBy} and not ${provenBy}`);
  }
}

await main();
