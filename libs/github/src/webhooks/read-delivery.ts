import { z } from 'zod';
import { InvalidInput, type Delivery, type DeliveryMeaning, type RepositoryRef } from '@app/domain';
import { repositorySchema, workflowJobEventSchema, workflowRunEventSchema } from './event-schema.js';

/** A webhook as it arrived, its signature checked and its body parsed as JSON. */
export interface ReceivedWebhook {
  /** `X-GitHub-Delivery` */
  readonly id: string;
  /** `X-GitHub-Event` */
  readonly event: string;
  readonly payload: unknown;
  readonly receivedAt: Date;
}

/** Conclusions of a run that open incidents. A run that couldn't even start failed without a job. */
const FAILED_RUN = ['failure', 'timed_out', 'startup_failure'];
const FAILED_JOB = ['failure', 'timed_out'];

const envelope = z.object({ action: z.string().nullish() });
const conclusion = z.object({ conclusion: z.string().nullable() });

/**
 * What a webhook means: a finished, failed `workflow_run` or `workflow_job` opens incidents, everything else is
 * ignored with a reason.
 * @throws InvalidInput naming the fields that a used event lacks
 */
export function readDelivery(webhook: ReceivedWebhook): Delivery {
  const { id, event, payload, receivedAt } = webhook;
  const action = read(envelope, webhook).action ?? null;
  const repository = z.object({ repository: repositorySchema }).safeParse(payload);
  return {
    id,
    event,
    action,
    repository: repository.success ? repositoryRef(repository.data.repository) : null,
    receivedAt,
    meaning: meaningOf(webhook, action),
  };
}

function meaningOf(webhook: ReceivedWebhook, action: string | null): DeliveryMeaning {
  const { event } = webhook;
  if (event !== 'workflow_run' && event !== 'workflow_job') return ignored(`the event ${event} is not used`);
  if (action !== 'completed')
    return ignored(`${event} is not completed but ${action ?? 'without an action'}`);
  return event === 'workflow_run' ? runMeaning(webhook) : jobMeaning(webhook);
}

function runMeaning(webhook: ReceivedWebhook): DeliveryMeaning {
  const ended = read(z.object({ workflow_run: conclusion }), webhook).workflow_run.conclusion;
  if (ended === null || !FAILED_RUN.includes(ended)) return notFailed('run', ended);
  const { repository, workflow_run: run } = read(workflowRunEventSchema, webhook);
  return {
    kind: 'failed_run',
    run: {
      repository: repositoryRef(repository),
      runId: run.id,
      attempt: run.run_attempt,
      workflowId: run.workflow_id ?? null,
      workflowName: run.name ?? null,
      conclusion: ended,
      headSha: run.head_sha ?? null,
      branch: run.head_branch ?? null,
      pullRequests: (run.pull_requests ?? []).map(({ number }) => number),
      failedAt: run.updated_at,
      url: run.html_url ?? null,
    },
  };
}

function jobMeaning(webhook: ReceivedWebhook): DeliveryMeaning {
  const ended = read(z.object({ workflow_job: conclusion }), webhook).workflow_job.conclusion;
  if (ended === null || !FAILED_JOB.includes(ended)) return notFailed('job', ended);
  const { repository, workflow_job: job } = read(workflowJobEventSchema, webhook);
  const failedStep = job.steps?.find((step) => FAILED_JOB.includes(step.conclusion ?? ''));
  return {
    kind: 'failed_job',
    job: {
      source: 'github',
      repository: repositoryRef(repository),
      runId: job.run_id,
      jobName: job.name,
      attempt: job.run_attempt,
      jobId: job.id,
      // A job's webhook names its workflow but not the workflow's id, nor pull requests.
      workflowId: null,
      workflowName: job.workflow_name ?? null,
      conclusion: ended,
      headSha: job.head_sha ?? null,
      branch: job.head_branch ?? null,
      pullRequests: [],
      failedStep: failedStep?.name ?? null,
      failedAt: job.completed_at,
      url: job.html_url ?? null,
    },
  };
}

function ignored(reason: string): DeliveryMeaning {
  return { kind: 'ignored', reason };
}

function notFailed(what: 'run' | 'job', conclusion: string | null): DeliveryMeaning {
  return ignored(`the ${what} didn't fail: its conclusion is ${conclusion ?? 'still open'}`);
}

function repositoryRef(repository: z.output<typeof repositorySchema>): RepositoryRef {
  return {
    host: new URL(repository.html_url).host,
    owner: repository.owner.login,
    name: repository.name,
  };
}

function read<T>(schema: z.ZodType<T>, { event, id, payload }: ReceivedWebhook): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`,
  );
  throw new InvalidInput(`The ${event} delivery ${id} can't be read: ${problems.join('; ')}.`, {
    event,
    deliveryId: id,
    problems,
  });
}
