import { isOwnWork, type DeliveryMeaning } from '@app/domain';
import type { z } from 'zod';
import type { workflowJobEventSchema, workflowRunEventSchema } from './event-schema.js';
import { repositoryRef } from './read-repository.js';

/** Conclusions of a run that open incidents. A run that couldn't even start failed without a job. */
const FAILED_RUN = ['failure', 'timed_out', 'startup_failure'];
const FAILED_JOB = ['failure', 'timed_out'];

export const isFailedRun = (conclusion: string | null): boolean => FAILED_RUN.includes(conclusion ?? '');
export const isFailedJob = (conclusion: string | null): boolean => FAILED_JOB.includes(conclusion ?? '');

/** A run that failed opens incidents; any other one is a fact: where it comes from, and how it ended. */
export function runMeaning(
  event: z.output<typeof workflowRunEventSchema>,
  isCompleted: boolean,
): DeliveryMeaning {
  const { workflow_run: run } = event;
  const conclusion = isCompleted ? run.conclusion : null;
  const branch = run.head_branch ?? null;
  const common = {
    repository: repositoryRef(event.repository),
    runId: run.id,
    attempt: run.run_attempt,
    workflowId: run.workflow_id ?? null,
    workflowName: run.name ?? null,
    trigger: run.event ?? null,
    headSha: run.head_sha ?? null,
    branch,
    headRepository: run.head_repository?.full_name ?? null,
    ownWork: isOwnWork({
      branch,
      commitMessage: run.head_commit?.message,
      commitAuthor: run.head_commit?.author?.name,
    }),
    pullRequests: (run.pull_requests ?? []).map(({ number }) => number),
  };
  if (conclusion === null || !isFailedRun(conclusion)) {
    const endedAt = conclusion === null ? null : new Date(run.updated_at);
    return { kind: 'run', run: { ...common, conclusion, endedAt } };
  }
  return {
    kind: 'failed_run',
    run: {
      ...common,
      conclusion,
      startedAt: run.run_started_at ? new Date(run.run_started_at) : null,
      failedAt: new Date(run.updated_at),
      url: run.html_url ?? null,
    },
  };
}

/** A job that failed opens an incident; one that ended otherwise is a fact, which may prove a repair. */
export function jobMeaning(event: z.output<typeof workflowJobEventSchema>): DeliveryMeaning {
  const { workflow_job: job } = event;
  const conclusion = job.conclusion ?? 'neutral';
  const endedAt = new Date(job.completed_at);
  const branch = job.head_branch ?? null;
  const common = {
    repository: repositoryRef(event.repository),
    runId: job.run_id,
    jobName: job.name,
    attempt: job.run_attempt,
    jobId: job.id,
    // A job's webhook names its workflow but not the workflow's id, nor pull requests.
    workflowId: null,
    workflowName: job.workflow_name ?? null,
    conclusion,
    headSha: job.head_sha ?? null,
    branch,
    url: job.html_url ?? null,
  };
  if (!isFailedJob(conclusion)) return { kind: 'job', job: { ...common, endedAt } };
  const failedStep = job.steps?.find((step) => isFailedJob(step.conclusion ?? null))?.name ?? null;
  return {
    kind: 'failed_job',
    job: {
      ...common,
      source: 'github',
      pullRequests: [],
      failedStep,
      failedAt: endedAt,
      ownWork: isOwnWork({ branch }),
    },
  };
}
