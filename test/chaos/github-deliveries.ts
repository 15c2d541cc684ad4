/**
 * Recorded deliveries of runs with several jobs and attempts, a share of them twice, in random order and some never, at the
 * product, which is killed with SIGKILL while GitHub's API fails a share of its calls and limits them now and then. Some
 * projects let the product act, and what it does is told back to it by webhooks; kills are placed between an action's
 * success at GitHub and its record. Afterwards the database is compared row by row with what happened: each failed job of
 * a run is exactly one incident with all its attempts, each repaired one is resolved by the attempt that proved it, none
 * other is; each action was taken once, and none for a fork or for the product's own commits; no call came past a limit
 * that the client had been told of.
 *
 *   npm run test:chaos:github -- [--deliveries 20000] [--kills 5] [--duplicate 0.2] [--failing 0.1] [--lost 0.01]
 *     [--acting 80] [--seed 1] [--database-url postgres://…, an empty database; default: the embedded one]
 */
import { parseArgs } from 'node:util';
import { setTimeout as after } from 'node:timers/promises';
import { GithubStandIn } from '@app/github';
import { planSendings, randomOf } from '../../apps/cli/src/replay/sending-plan.js';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import {
  BY_HAND,
  FREE,
  FREE_POLICY,
  actingRuns,
  answerOfModel,
  type ActingRun,
} from './github/acting-runs.js';
import { actionProblems, readActions, readWorkflows, workflowProblems } from './github/actions-once.js';
import { doByHand } from './github/by-hand.js';
import { Expected, readIncidents } from './github/expected.js';
import { plainRuns } from './github/plain-runs.js';
import { Progress, readWork } from './github/progress.js';
import { Reactions } from './github/reactions.js';
import { ApiTroubles, Kills } from './github/troubles.js';
import { ChaosProduct, conclude, settled, type ChaosDelivery, type Persistence } from './chaos-product.js';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '20000' },
    kills: { type: 'string', default: '5' },
    duplicate: { type: 'string', default: '0.2' },
    failing: { type: 'string', default: '0.1' },
    lost: { type: 'string', default: '0.01' },
    acting: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'database-url': { type: 'string' },
    'settle-seconds': { type: 'string', default: '900' },
  },
});
const DELIVERIES = Number(values.deliveries);
const KILLS = Number(values.kills);
const DUPLICATE = Number(values.duplicate);
const SEED = Number(values.seed);
/** GitHub wants pauses between writes, which bound what can be done in a run's time. */
const ACTING = Number(values.acting ?? Math.min(80, Math.max(8, DELIVERIES / 250)));
const SETTLE_LIMIT_MS = Number(values['settle-seconds']) * 1_000;
/** A comparison reads everything that there is. */
const COMPARE_EVERY_MS = 3_000;
const SEND_LIMIT_MS = 120_000;
const IN_FLIGHT = 16;

async function main(): Promise<void> {
  const random = randomOf(SEED);
  const github = await GithubStandIn.start();
  const model = await OpenAiServer.start();
  model.answer = answerOfModel;
  const expected = new Expected();
  const acting = actingRuns(ACTING, github, expected);
  const plain = plainRuns(DELIVERIES - acting.length * 4, github, expected, random);
  const recorded = [...plain, ...acting.flatMap(({ deliveries }) => deliveries)];
  const sendings = planSendings(recorded, 0, {
    duplicate: DUPLICATE,
    drop: Number(values.lost),
    shuffle: true,
    delayMs: 0,
    seed: SEED,
  });
  const sent = new Set(sendings.map(({ id }) => id));
  const lost = recorded.filter(({ id }) => !sent.has(id!));
  for (const { payload } of lost) expected.lost.add(attemptOf(payload));
  const product = await ChaosProduct.start({
    github,
    databaseUrl: values['database-url'] ?? null,
    env: {
      GITHUB_TOKEN: 'chaos-token',
      // Of the claim on an action: the time limit of a call, twice.
      GITHUB_TIMEOUT_MS: '5000',
      LOG_LEVEL: 'error',
      // Each call that fails is waited after, by whoever made it.
      QUEUE_CONCURRENCY: '16',
      QUEUE_BACKOFF_MS: '200',
      RECONCILE_INTERVAL_MS: '15000',
      REMEDIATION_INTERVAL_MS: '1000',
      REMEDIATION_WATCH_INTERVAL_MS: '5000',
      LLM_PROVIDER: 'custom',
      LLM_BASE_URL: model.url,
      LLM_MODEL: 'stand-in:8b',
    },
  });
  for (const repository of [...FREE, BY_HAND]) await connect(product, repository);

  const troubles = new ApiTroubles(github, random);
  const made: ChaosDelivery[] = [];
  const reactions = new Reactions(
    github,
    expected,
    (event, payload) => {
      const delivery = { id: `made-${github.state.nextId()}`, event, payload };
      made.push(delivery, ...(random() < DUPLICATE ? [delivery] : []));
    },
    random,
  );
  const kills = new Kills(product, github, KILLS);
  const problems: string[] = [];
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1_000).toFixed(1);
  const total = sendings.length;
  const progress = new Progress(total, () => sendings.length);
  const killAt = Array.from({ length: KILLS }, (_, index) =>
    Math.floor((total * (index + 0.5)) / (KILLS + 1)),
  );
  let isOver = false;
  troubles.start(Number(values.failing));

  const killing = (async () => {
    for (const at of killAt) {
      while (total - sendings.length < at) await after(50);
      await kills.next();
    }
  })();
  const lane = async (): Promise<void> => {
    for (;;) {
      const next = made.shift() ?? sendings.shift();
      if (next === undefined && isOver) return;
      if (next === undefined) await after(50);
      else if (await product.send(next, SEND_LIMIT_MS)) progress.acknowledged++;
      else problems.push(`${next.id} was never acknowledged`);
    }
  };
  const lanes = Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  const persons = Promise.all(acting.filter(isByHand).map((run) => doByHand(product, run, () => isOver)));
  while (sendings.length > 0) await after(50);
  const sentIn = seconds();
  await killing;

  const database = await product.open();
  try {
    const compareAll = async (): Promise<string[]> => {
      const found = await compare(database, expected, github);
      if (made.length > 0 || !reactions.areOver) found.push('GitHub has more to tell');
      progress.problems = found.length;
      return found;
    };
    const waited = await settled(
      async () => {
        const work = (progress.work = await readWork(database));
        const waiting = work.waitingIncidents + work.waitingDeliveries;
        return waiting > 0 ? [`${waiting} incidents and deliveries wait`] : compareAll();
      },
      SETTLE_LIMIT_MS,
      COMPARE_EVERY_MS,
    );
    const left = waited.length === 0 ? [] : await compareAll();
    const settledIn = seconds();
    problems.push(...left, ...kills.problems());
    if (github.quota.unheeded > 0)
      problems.push(`${github.quota.unheeded} calls came past a limit that was known`);
    console.log(
      `${recorded.length} deliveries, ${lost.length} of them never sent, ${total} sendings in ${sentIn} s, ${kills.hits} × SIGKILL (right after ${kills.critical.join(', ') || 'nothing'}), ${product.retries} retried sends`,
    );
    console.log(
      `${github.faults.given} API calls failed, ${troubles.limits.primary} primary and ${troubles.limits.secondary} secondary limits: ${github.quota.callsPastLimit} calls refused, ${github.quota.unheeded} of them after a second's notice`,
    );
    await report(database, expected, github);
    console.log(
      `all settled after ${settledIn} s: ${(total / Number(settledIn)).toFixed(1)} deliveries/s worked off`,
    );
  } finally {
    isOver = true;
    progress.stop();
    troubles.stop();
    await Promise.all([lanes, persons]);
    await database.close();
    if (problems.length > 0) console.error(product.printed.slice(-2_000));
    await product.stop();
    await model.close();
    await github.close();
  }
  conclude(
    problems,
    'Every failed job of a run is one incident with all its attempts, every repair is known, and everything was done once.',
  );
}

/** `runId/attempt`, where it is an event of one. */
function attemptOf(payload: unknown): string {
  const { workflow_run: run, workflow_job: job } = payload as {
    workflow_run?: { id: number; run_attempt: number };
    workflow_job?: { run_id: number; run_attempt: number };
  };
  return run ? `${run.id}/${run.run_attempt}` : `${job?.run_id}/${job?.run_attempt}`;
}

function isByHand({ run }: ActingRun): boolean {
  return run.repository === BY_HAND;
}

async function connect(product: ChaosProduct, repository: string): Promise<void> {
  const settings = repository === BY_HAND ? {} : { actionPolicy: FREE_POLICY };
  const connected = await product.json('/api/v1/projects', 'POST', { repository, settings });
  if (connected === null) throw new Error(`${repository} could not be connected:\n${product.printed}`);
}

async function compare(database: Persistence, expected: Expected, github: GithubStandIn): Promise<string[]> {
  const incidents = await readIncidents(database);
  const [workflows, actions] = [await readWorkflows(database), await readActions(database)];
  const [{ pending }] = await database.dataSource.query(
    `SELECT count(*)::integer AS pending FROM deliveries WHERE status = 'pending'`,
  );
  return [
    ...expected.problems(incidents),
    ...workflowProblems(workflows, incidents, expected),
    ...actionProblems(actions, github),
    ...(pending > 0 ? [`${pending} deliveries are still pending`] : []),
  ];
}

async function report(database: Persistence, expected: Expected, github: GithubStandIn): Promise<void> {
  const incidents = await readIncidents(database);
  const resolved = incidents.filter(({ status }) => status === 'resolved').length;
  console.log(`${incidents.length} incidents of ${expected.incidents.size} expected, ${resolved} resolved`);
  const actions = await readActions(database);
  const workflows = await readWorkflows(database);
  console.log(`actions: ${tally(actions, ({ kind, state }) => `${kind} ${state}`)}`);
  console.log(`workflows: ${tally(workflows, ({ status }) => status)}`);
  console.log(`done at GitHub: ${tally(github.state.writes.effects, ({ kind }) => kind)}`);
}

/** `3 succeeded, 1 failed` */
function tally<T>(items: readonly T[], nameOf: (item: T) => string): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || 'none';
}

await main();
