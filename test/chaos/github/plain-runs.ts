import {
  workflowJobEvent,
  workflowRunEvent,
  type GithubStandIn,
  type JobSeed,
  type RunSeed,
} from '@app/github';
import type { RecordedDelivery } from '../../../apps/cli/src/replay/recorded-delivery.js';
import { failingLog, noise, typeError } from '../failing-log.js';
import { checkRunEvent, pushEvent } from '../../support/webhook-events.js';
import type { Expected } from './expected.js';

/** One project has a good share of everything, the others about the same. */
const BUSY = 'acme/busy';
const BUSY_SHARE = 0.15;
const OTHERS = Array.from({ length: 23 }, (_, index) => `acme/chaos-${index}`);
const BRANCHES = ['main', 'main', 'release', 'next'];
const JOBS = ['build', 'test', 'lint'];
/** Distinct failures. */
const CAUSES = 40;
const MAX_ATTEMPTS = 3;

/** Runs of one to three jobs and up to three attempts, about which nothing is done; each ends in what its jobs end in. */
export function plainRuns(
  count: number,
  github: GithubStandIn,
  expected: Expected,
  random: () => number,
): RecordedDelivery[] {
  const deliveries: RecordedDelivery[] = [];
  // The runs are of the last hours, as comparison looks at them.
  const start = Date.now() - 2 * 3_600_000;
  const stepMs = 7_000_000 / count;
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  let ends = 0;
  for (let runId = 1_000; deliveries.length < count; runId++) {
    const repository = random() < BUSY_SHARE ? BUSY : pick(OTHERS);
    const branch = pick(BRANCHES);
    let names = JOBS.slice(0, 1 + Math.floor(random() * JOBS.length));
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && names.length > 0; attempt++) {
      const completedAt = new Date(start + Math.floor(ends++ * stepMs));
      const jobs: JobSeed[] = names.map((name) => ({
        id: runId * 100 + attempt * 10 + JOBS.indexOf(name),
        name,
        conclusion: random() < 0.45 ? 'failure' : random() < 0.9 ? 'success' : 'skipped',
        failedStep: 'Run build',
        startedAt: completedAt,
        completedAt,
        log: failingLog(runId, [typeError(Math.floor(random() * CAUSES))], noise(40, random)),
      }));
      const hasFailed = jobs.some(({ conclusion }) => conclusion === 'failure');
      const conclusion = hasFailed ? 'failure' : 'success';
      const run: RunSeed = { repository, branch, id: runId, attempt, conclusion, completedAt, jobs };
      github.addRun(run);
      for (const job of jobs) {
        expected.ended(run, job);
        deliveries.push(recorded(`job-${job.id}`, 'workflow_job', workflowJobEvent(run, job)));
      }
      deliveries.push(recorded(`run-${runId}-${attempt}`, 'workflow_run', workflowRunEvent(run)));
      deliveries.push(...besides(run, random));
      // A rerun runs the failed jobs.
      names =
        random() < 0.5 ? jobs.filter((job) => job.conclusion === 'failure').map(({ name }) => name) : [];
    }
  }
  return deliveries;
}

/** What GitHub sends of the same run, which tells nothing more. */
function besides(run: RunSeed, random: () => number): RecordedDelivery[] {
  const { id, attempt } = run;
  const told: RecordedDelivery[] = [];
  if (random() < 0.5) {
    const begun = workflowRunEvent({ ...run, status: 'in_progress', conclusion: null }, 'in_progress');
    told.push(recorded(`begun-${id}-${attempt}`, 'workflow_run', begun));
  }
  if (random() < 0.2) told.push(recorded(`push-${id}-${attempt}`, 'push', pushEvent(run)));
  if (random() < 0.2) told.push(recorded(`check-${id}-${attempt}`, 'check_run', checkRunEvent(run, [])));
  return told;
}

function recorded(id: string, event: string, payload: unknown): RecordedDelivery {
  return { id, event, payload, at: null };
}
