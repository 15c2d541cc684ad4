import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDelivery, workflowJobEvent, workflowRunEvent, type JobSeed, type RunSeed } from '@app/github';
import {
  AnnounceChanges,
  DispatchWork,
  ExpandRun,
  IngestDelivery,
  InvalidateViews,
  SweepOutbox,
} from '@app/pipeline';
import { FakeCache } from '../../fakes/fake-cache.js';
import { FakeCiProvider } from '../../fakes/fake-ci-provider.js';
import { FakeEventBus } from '../../fakes/fake-event-bus.js';
import { FakeJobQueue } from '../../fakes/fake-job-queue.js';
import { checkRunEvent, pullRequestEvent, pushEvent } from '../../support/webhook-events.js';
import { TestLog } from '../../support/pipeline-world.js';
import type { OpenEmpty, PersistenceUnderTest } from './fixtures.js';
import { stateOf, work } from './order.contract.js';

const ROUNDS = { 'in memory': 60, other: 3 } as const;
const NAME = 'Acme/App';
const NOON = Date.UTC(2026, 10, 20, 12);
const RUNS = [101, 102, 103];
const JOBS = ['build', 'test'];
const GRACE_MS = 10_000;

interface Webhook {
  readonly id: string;
  readonly event: string;
  readonly payload: unknown;
}

/** How each job of each attempt ended. */
const happened = fc.record({
  runs: fc.tuple(
    ...RUNS.map(() =>
      fc.record({
        isFork: fc.constantFrom(false, false, false, true),
        pull: fc.constantFrom(null, 7, 8),
        attempts: fc.array(
          fc.tuple(...JOBS.map(() => fc.constantFrom('failure', 'failure', 'success', 'success', 'skipped'))),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    ),
  ),
  merged: fc.boolean(),
});
type Happened = typeof happened extends fc.Arbitrary<infer T> ? T : never;

/** Later attempts and runs end later. */
function runsOf({ runs }: Happened): RunSeed[] {
  return runs.flatMap(({ isFork, pull, attempts }, run) =>
    attempts.map((ends, index): RunSeed => {
      const completedAt = new Date(NOON + index * 600_000 + run * 60_000);
      const jobs = ends.map((conclusion, job): JobSeed => ({
        id: RUNS[run]! * 100 + index * 10 + job,
        name: JOBS[job]!,
        conclusion,
        failedStep: 'Run it',
        startedAt: completedAt,
        completedAt,
      }));
      return {
        repository: NAME,
        id: RUNS[run]!,
        attempt: index + 1,
        branch: 'main',
        headSha: `${RUNS[run]}`.padEnd(40, 'a'),
        headRepository: isFork ? 'someone/app' : NAME,
        conclusion: ends.includes('failure') ? 'failure' : 'success',
        pullRequests: pull === null ? [] : [pull],
        completedAt,
        jobs,
      };
    }),
  );
}

function webhooksOf(what: Happened): Webhook[] {
  const told: Webhook[] = [];
  const tell = (event: string, payload: unknown) =>
    told.push({ id: `${event}-${told.length}`, event, payload });
  for (const run of runsOf(what)) {
    tell('push', pushEvent(run));
    tell(
      'workflow_run',
      workflowRunEvent({ ...run, status: 'in_progress', conclusion: null }, 'in_progress'),
    );
    for (const job of run.jobs ?? []) tell('workflow_job', workflowJobEvent(run, job));
    tell('check_run', checkRunEvent(run, run.pullRequests ?? []));
    tell('workflow_run', workflowRunEvent(run));
  }
  for (const [run, { pull }] of what.runs.entries()) {
    if (pull === null) continue;
    const opened = { number: pull, headSha: `${RUNS[run]}`.padEnd(40, 'a'), headRef: 'topic' };
    tell('pull_request', pullRequestEvent(NAME, 'opened', opened, new Date(NOON + run)));
    if (!what.merged) continue;
    const mergedAt = new Date(NOON + 7_200_000);
    const merged = { ...opened, state: 'closed' as const, mergedAt, mergeCommitSha: 'f'.repeat(40) };
    tell('pull_request', pullRequestEvent(NAME, 'closed', merged, new Date(mergedAt.getTime() + run)));
  }
  return told;
}

/** The use cases from a webhook to its incidents, as the product puts them together. */
function intakeOver(store: PersistenceUnderTest, runs: readonly RunSeed[]) {
  const { clock } = store;
  const log = new TestLog();
  const queue = new FakeJobQueue();
  const ci = new FakeCiProvider();
  for (const run of runs) ci.addRun(run);
  const bus = new FakeEventBus();
  const announce = new AnnounceChanges(bus, new InvalidateViews(new FakeCache(), log), log);
  const dispatch = new DispatchWork(queue, bus, log);
  const ingest = new IngestDelivery(store.deliveries, dispatch, announce, log);
  const expand = new ExpandRun(store.deliveries, ci, dispatch, announce, log);
  const limits = { graceMs: GRACE_MS, batch: 100 };
  const sweep = new SweepOutbox(store.outbox, store.deliveries, queue, dispatch, { clock, log, limits });
  return {
    receive: ({ id, event, payload }: Webhook) =>
      ingest.run(readDelivery({ id, event, payload, receivedAt: clock.now() })),
    /** What workers and the sweeper do until there is nothing to do. */
    async work(): Promise<void> {
      for (let round = 0; round < 3; round++) {
        await queue.runAll(async (job) => {
          if (job.name === 'expand-run') await expand.run(job.deliveryId, { isLastAttempt: true });
        });
        await work(store);
        clock.advance(GRACE_MS);
        await sweep.run();
      }
    },
  };
}

async function play(
  store: PersistenceUnderTest,
  what: Happened,
  told: readonly { webhook: Webhook; worksAfter: boolean }[],
): Promise<unknown> {
  const intake = intakeOver(store, runsOf(what));
  for (const { webhook, worksAfter } of told) {
    await intake.receive(webhook);
    if (worksAfter) await intake.work();
  }
  await intake.work();
  return stateOf(store);
}

/** Webhooks as GitHub sends them, through the use cases, in any order. */
export function webhookOrderContract(name: string, openEmpty: OpenEmpty): void {
  describe(`webhooks: ${name}`, () => {
    it('that come late, twice and in any order leave one state, whatever the worker’s pace', async () => {
      const shuffled = happened.chain((what) => {
        const told = webhooksOf(what);
        const twice = [...told, ...told.slice(0, Math.ceil(told.length / 5))];
        const order = fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length });
        const paces = fc.array(fc.constantFrom(true, false, false, false), {
          minLength: twice.length,
          maxLength: twice.length,
        });
        return fc.record({ what: fc.constant(what), order, paces });
      });
      await fc.assert(
        fc.asyncProperty(shuffled, async ({ what, order, paces }) => {
          const inOrder = webhooksOf(what).map((webhook) => ({ webhook, worksAfter: true }));
          const expected = await play(await openEmpty(), what, inOrder);
          const disordered = order.map((webhook, index) => ({ webhook, worksAfter: paces[index]! }));
          expect(await play(await openEmpty(), what, disordered)).toEqual(expected);
        }),
        { numRuns: name === 'in memory' ? ROUNDS['in memory'] : ROUNDS.other, endOnFailure: true },
      );
    }, 120_000);
  });
}
