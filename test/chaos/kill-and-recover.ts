/**
 * Sends deliveries at the product while it is killed with SIGKILL at random moments, some of them while it starts, then
 * compares the database row by row with what was acknowledged: every delivery that got its 202 has its incident, every
 * incident ends diagnosed, none twice. Fails as well when less was tested than asked for: a delivery that was never
 * acknowledged, a kill that hit no running process.
 *
 *   npm run test:chaos -- [--deliveries 1000] [--kills 5] [--rate 50] [--seed 1]
 */
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GithubStandIn, workflowJobEvent, workflowRunEvent, type JobSeed, type RunSeed } from '@app/github';
import { randomOf } from '../../apps/cli/src/replay/sending-plan.js';
import { ChaosProduct, conclude, settled, type ChaosDelivery, type Persistence } from './chaos-product.js';
import { failingLog, noise, typeError } from './failing-log.js';

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
const REPOSITORY = 'acme/chaos';
/** A sender gives a delivery up after this long; the run has then failed. */
const SEND_LIMIT_MS = 180_000;
/** After every third kill the next process is killed too, before it is ready. */
const START_UP_KILL_EVERY = 3;
const START_UP_KILL_WITHIN_MS = 1_000;

interface Planned extends ChaosDelivery {
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
      // One of fifty distinct failures, so that both fresh and reused diagnoses are interrupted.
      log: failingLog(runId, [typeError(Math.floor(random() * 50))], noise(200, random)),
    }));
    const run: RunSeed = { repository: REPOSITORY, id: runId, jobs };
    github.addRun(run);
    const kind = random();
    if (kind < 0.75) {
      for (const job of jobs) {
        planned.push({
          id: `job-${job.id}`,
          event: 'workflow_job',
          payload: workflowJobEvent(run, job),
          incidents: [`${runId}/${job.name}`],
        });
      }
    }
    if (kind >= 0.5) {
      planned.push({
        id: `run-${runId}`,
        event: 'workflow_run',
        payload: workflowRunEvent(run),
        incidents: names.map((name) => `${runId}/${name}`),
      });
    }
  }
  return planned.slice(0, DELIVERIES);
}

async function main(): Promise<void> {
  const random = randomOf(Number(values.seed));
  const github = await GithubStandIn.start();
  const planned = plan(github, random);
  const acknowledged = new Set<string>();
  const kills = { running: 0, starting: 0 };
  const startedAt = performance.now();
  const product = await ChaosProduct.start({ github, env: { LOG_LEVEL: 'warn' } });
  const send = async (delivery: Planned): Promise<void> => {
    if (await product.send(delivery, SEND_LIMIT_MS)) acknowledged.add(delivery.id);
  };

  const sendingMs = (DELIVERIES / RATE) * 1_000;
  const killTimes = Array.from({ length: KILLS }, () => random() * sendingMs).toSorted((a, b) => a - b);
  const startedSending = performance.now();
  const until = async (ms: number): Promise<void> => {
    const wait = startedSending + ms - performance.now();
    if (wait > 0) await after(wait);
  };
  const chaos = (async () => {
    for (const [index, time] of killTimes.entries()) {
      await until(time);
      if ((await product.kill()) === 'running') kills.running++;
      product.spawn();
      if (index % START_UP_KILL_EVERY === 0) {
        await after(random() * START_UP_KILL_WITHIN_MS);
        if ((await product.kill()) === 'starting') kills.starting++;
        product.spawn();
      }
      await product.ready();
    }
  })();
  const sending: Promise<void>[] = [];
  for (const [index, delivery] of planned.entries()) {
    await until((index / RATE) * 1_000);
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
  const database = await product.open();
  const problems = untested(planned, acknowledged, expected, kills);
  try {
    problems.push(...(await settled(() => compare(database, expected, acknowledged), SETTLE_LIMIT_MS)));
    const rows = await readRows(database);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(
      `${planned.length} deliveries, ${acknowledged.size} acknowledged, ${kills.running} × SIGKILL while it ran, ${kills.starting} × while it started, ${product.retries} retried sends, ${seconds} s`,
    );
    console.log(
      `${rows.length} incidents of ${expected.size} expected; ${rows.filter(({ status }) => status === 'diagnosed').length} diagnosed`,
    );
  } finally {
    await database.close();
    await product.stop();
    await github.close();
  }
  conclude(problems, 'Nothing lost, nothing twice.');
}

type Kills = Record<'running' | 'starting', number>;

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

function readRows({ dataSource }: Persistence): Promise<Row[]> {
  return dataSource.query(
    `SELECT run_id || '/' || job_name AS key, status, status_reason AS reason, occurrences FROM incidents`,
  );
}

/** What is not as it was acknowledged, or not yet. */
async function compare(
  database: Persistence,
  expected: ReadonlyMap<string, number>,
  acknowledged: ReadonlySet<string>,
): Promise<string[]> {
  const problems: string[] = [];
  const rows = await readRows(database);
  const stored: { id: string }[] = await database.dataSource.query(
    `SELECT id FROM deliveries WHERE status <> 'pending'`,
  );
  const deliveries = new Set(stored.map(({ id }) => id));
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
  return problems;
}

await main();
