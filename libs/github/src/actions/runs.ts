import { z } from 'zod';
import {
  ExternalFailure,
  type ActionEffect,
  type CancelRun,
  type RerunFailedJobs,
  type RerunJob,
} from '@app/domain';
import { acts, callAt, conflict, doesNothing, type ActionAdapter } from './action-adapter.js';
import type { GithubReads } from './github-session.js';

const PERMISSION = 'Actions: write';
/** How long a run that still goes on is left alone before it is looked at again. */
const RUN_PAUSE_MS = 30_000;

const runSchema = z.object({
  run_attempt: z.number().optional(),
  status: z.string().nullable(),
  html_url: z.string().nullish(),
  run_started_at: z.string().nullish(),
});
const jobsSchema = z
  .object({ jobs: z.array(z.object({ name: z.string(), started_at: z.string().nullish() })) })
  .transform(({ jobs }) => jobs);
const anything = z.unknown();

interface RunState {
  readonly attempt: number;
  readonly isCompleted: boolean;
  readonly url: string | null;
  readonly startedAt: string | null;
}

async function runOf(github: GithubReads, runId: number): Promise<RunState> {
  const run = await github.get(`run ${runId}`, '/actions/runs/{run_id}', { run_id: runId }, runSchema);
  return {
    attempt: run.run_attempt ?? 1,
    isCompleted: run.status === 'completed',
    url: run.html_url ?? null,
    startedAt: run.run_started_at ?? null,
  };
}

function effectOf(runId: number, attempt: number, url: string | null, changed: boolean): ActionEffect {
  return { remoteId: `${runId}:${attempt}`, url, changed };
}

/** @throws ExternalFailure while the run goes on: GitHub reruns only what has ended */
function assertEnded(runId: number, run: RunState): void {
  if (run.isCompleted) return;
  throw new ExternalFailure(`Run ${runId} still goes on; its failed jobs can run again when it has ended.`, {
    code: 'github_run_active',
    retryable: true,
    retryAfterMs: RUN_PAUSE_MS,
  });
}

/** A newer attempt than the failed one is the effect: GitHub starts it at once, and never two for one. */
export const rerunFailedJobs: ActionAdapter<RerunFailedJobs> = {
  async preview({ action: { runId, attempt } }, github) {
    const run = await runOf(github, runId);
    if (run.attempt > attempt) return doesNothing(`Run ${runId} is in attempt ${run.attempt} already.`);
    const note = run.isCompleted ? null : `Run ${runId} still goes on: it is waited for.`;
    return acts([callAt(github, 'POST', `/actions/runs/${runId}/rerun-failed-jobs`)], note);
  },
  async perform({ action: { runId, attempt } }, github) {
    const run = await runOf(github, runId);
    if (run.attempt > attempt) return effectOf(runId, attempt + 1, run.url, false);
    assertEnded(runId, run);
    const call = callAt(github, 'POST', `/actions/runs/${runId}/rerun-failed-jobs`);
    await github.mustWrite(`the rerun of run ${runId}`, call, anything, PERMISSION);
    return effectOf(runId, attempt + 1, run.url, true);
  },
};

export const rerunJob: ActionAdapter<RerunJob> = {
  async preview({ action }, github) {
    const run = await runOf(github, action.runId);
    if (run.attempt > action.attempt) {
      return doesNothing(
        (await ranAgain(action, run, github))
          ? `“${action.jobName}” has run again in attempt ${run.attempt} already.`
          : newerAttempt(action, run),
      );
    }
    const note = run.isCompleted ? null : `Run ${action.runId} still goes on: it is waited for.`;
    return acts([callAt(github, 'POST', `/actions/jobs/${action.jobId}/rerun`)], note);
  },
  async perform({ action }, github) {
    const { runId, attempt, jobId } = action;
    const run = await runOf(github, runId);
    if (run.attempt > attempt) {
      if (await ranAgain(action, run, github)) return effectOf(runId, run.attempt, run.url, false);
      throw conflict(newerAttempt(action, run));
    }
    assertEnded(runId, run);
    const call = callAt(github, 'POST', `/actions/jobs/${jobId}/rerun`);
    await github.mustWrite(`the rerun of job ${jobId}`, call, anything, PERMISSION);
    return effectOf(runId, attempt + 1, run.url, true);
  },
};

/** A job that a newer attempt only took over keeps the time at which it was started before. */
async function ranAgain({ runId, jobName }: RerunJob, run: RunState, github: GithubReads): Promise<boolean> {
  const job = await github.findInList(
    `jobs of run ${runId}`,
    '/actions/runs/{run_id}/jobs',
    { run_id: runId, filter: 'latest' },
    jobsSchema,
    ({ name }) => name === jobName,
  );
  if (job === null) return false;
  if (!job.started_at || run.startedAt === null) return true;
  return new Date(job.started_at) >= new Date(run.startedAt);
}

function newerAttempt({ runId, jobName }: RerunJob, { attempt }: RunState): string {
  return `Run ${runId} is in attempt ${attempt}, in which “${jobName}” did not run.`;
}

export const cancelRun: ActionAdapter<CancelRun> = {
  async preview({ action: { runId, attempt } }, github) {
    const run = await runOf(github, runId);
    if (run.attempt > attempt) return doesNothing(`Run ${runId} is in attempt ${run.attempt} already.`);
    if (run.isCompleted) return doesNothing(`Run ${runId} has ended.`);
    return acts([callAt(github, 'POST', `/actions/runs/${runId}/cancel`)]);
  },
  async perform({ action: { runId, attempt } }, github) {
    const run = await runOf(github, runId);
    // A newer attempt is not the one that was to be cancelled.
    if (run.attempt > attempt)
      throw conflict(`Run ${runId} is in attempt ${run.attempt}; attempt ${attempt} was to be cancelled.`);
    if (run.isCompleted) return effectOf(runId, attempt, run.url, false);
    const call = callAt(github, 'POST', `/actions/runs/${runId}/cancel`);
    const cancelled = await github.write(`the cancelling of run ${runId}`, call, anything, PERMISSION, [409]);
    return effectOf(runId, attempt, run.url, cancelled.ok);
  },
};
