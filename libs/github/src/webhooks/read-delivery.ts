import { z } from 'zod';
import { InvalidInput, isOwnWork, type Delivery, type DeliveryMeaning } from '@app/domain';
import { NEEDED_EVENTS } from '../app/needed-access.js';
import {
  checkRunEventSchema,
  installationEventSchema,
  pingEventSchema,
  pullRequestEventSchema,
  pushEventSchema,
  workflowJobEventSchema,
  workflowRunEventSchema,
} from './event-schema.js';
import { namedRepository, repositoryNamed, repositoryRef } from './read-repository.js';
import { isFailedJob, isFailedRun, jobMeaning, runMeaning } from './read-runs.js';

/** A webhook as it arrived, its signature checked and its body parsed as JSON. */
export interface ReceivedWebhook {
  /** `X-GitHub-Delivery` */
  readonly id: string;
  /** `X-GitHub-Event` */
  readonly event: string;
  readonly payload: unknown;
  readonly receivedAt: Date;
}

/** The meaning of a delivery, and what was read of its payload. */
interface Read {
  readonly meaning: DeliveryMeaning;
  readonly payload: Readonly<Record<string, unknown>> | null;
}

/** Without these a webhook is of no use. */
const ESSENTIAL_EVENTS = NEEDED_EVENTS.filter(({ isEssential }) => isEssential).map(({ event }) => event);
const BRANCH_REF = /^refs\/heads\/(.+)$/;
const ZERO_SHA = /^0+$/;

const envelope = z.object({ action: z.string().nullish() });
const runConclusion = z.object({ workflow_run: z.object({ conclusion: z.string().nullable() }) });
const jobConclusion = z.object({ workflow_job: z.object({ conclusion: z.string().nullable() }) });

/**
 * What a webhook means: a failed run or job opens incidents, one that ended otherwise is a fact, pull requests and pushes
 * are linked, installations connect repositories; everything else is ignored with a reason.
 * @throws InvalidInput naming the fields that a failure lacks
 */
export function readDelivery(webhook: ReceivedWebhook): Delivery {
  const { id, event, payload, receivedAt } = webhook;
  const action = read(envelope, webhook).action ?? null;
  const repository = namedRepository(payload);
  return { id, event, action, repository, receivedAt, ...meaningOf(webhook, action) };
}

function meaningOf(webhook: ReceivedWebhook, action: string | null): Read {
  switch (webhook.event) {
    case 'workflow_run':
      return readRun(webhook, action);
    case 'workflow_job':
      return readJob(webhook, action);
    case 'check_run':
      return readCheck(webhook);
    case 'pull_request':
      return readPull(webhook);
    case 'push':
      return readPush(webhook);
    case 'installation':
    case 'installation_repositories':
      return readInstallation(webhook);
    case 'ping':
      return ignored(pingReason(webhook));
    default:
      return ignored(`the event ${webhook.event} is not used`);
  }
}

function readRun(webhook: ReceivedWebhook, action: string | null): Read {
  if (action !== 'completed' && action !== 'requested' && action !== 'in_progress')
    return ignored(`workflow_run is not completed but ${action ?? 'without an action'}`);
  const isCompleted = action === 'completed';
  if (isCompleted && isFailedRun(read(runConclusion, webhook).workflow_run.conclusion)) {
    const payload = read(workflowRunEventSchema, webhook);
    return { meaning: runMeaning(payload, true), payload };
  }
  return readOr(workflowRunEventSchema, webhook, (payload) => runMeaning(payload, isCompleted));
}

function readJob(webhook: ReceivedWebhook, action: string | null): Read {
  if (action !== 'completed')
    return ignored(`workflow_job is not completed but ${action ?? 'without an action'}`);
  if (isFailedJob(read(jobConclusion, webhook).workflow_job.conclusion)) {
    const payload = read(workflowJobEventSchema, webhook);
    return { meaning: jobMeaning(payload), payload };
  }
  return readOr(workflowJobEventSchema, webhook, (payload) =>
    payload.workflow_job.conclusion === null
      ? { kind: 'ignored', reason: 'the job has no conclusion yet' }
      : jobMeaning(payload),
  );
}

/** A check of GitHub Actions is told by its job; what a check run alone tells is whose head its commit is. */
function readCheck(webhook: ReceivedWebhook): Read {
  return readOr(checkRunEventSchema, webhook, ({ repository, check_run: check }) => {
    const pullRequests = (check.pull_requests ?? []).map(({ number }) => number);
    if (pullRequests.length === 0)
      return { kind: 'ignored', reason: 'the check run belongs to no pull request' };
    const head = { repository: repositoryRef(repository), headSha: check.head_sha, pullRequests };
    return { kind: 'heads', head };
  });
}

function readPull(webhook: ReceivedWebhook): Read {
  return readOr(pullRequestEventSchema, webhook, ({ repository, pull_request: pull }) => {
    const mergedAt = pull.merged_at ? new Date(pull.merged_at) : null;
    return {
      kind: 'pull_request',
      pull: {
        repository: repositoryRef(repository),
        number: pull.number,
        headSha: pull.head.sha,
        branch: pull.head.ref,
        state: pull.state,
        mergedAt,
        // Before the merge it is GitHub's trial of one.
        mergeSha: mergedAt === null ? null : (pull.merge_commit_sha ?? null),
        url: pull.html_url ?? null,
        changedAt: new Date(pull.updated_at),
      },
    };
  });
}

function readPush(webhook: ReceivedWebhook): Read {
  return readOr(pushEventSchema, webhook, ({ ref, after, deleted, head_commit: commit }) => {
    const branch = BRANCH_REF.exec(ref)?.[1];
    if (branch === undefined) return { kind: 'ignored', reason: `${ref} is no branch` };
    if (deleted === true || ZERO_SHA.test(after))
      return { kind: 'ignored', reason: `the branch ${branch} was deleted` };
    const ownWork = isOwnWork({
      branch,
      commitMessage: commit?.message,
      commitAuthor: commit?.author?.name,
    });
    return { kind: 'push', branch, headSha: after, ownWork };
  });
}

function readInstallation(webhook: ReceivedWebhook): Read {
  return readOr(installationEventSchema, webhook, (told) => {
    const { host } = new URL(told.installation.account.html_url);
    const refs = (named: readonly { full_name: string }[] | null | undefined) =>
      (named ?? []).flatMap(({ full_name }) => repositoryNamed(full_name, host) ?? []);
    const isGone = told.action === 'deleted' || told.action === 'suspend';
    return {
      kind: 'installation',
      installation: {
        installationId: told.installation.id,
        connected: [...(isGone ? [] : refs(told.repositories)), ...refs(told.repositories_added)],
        disconnected: refs(told.repositories_removed),
        wholeIsConnected: isGone ? false : told.action === 'unsuspend' ? true : null,
      },
    };
  });
}

function pingReason(webhook: ReceivedWebhook): string {
  const ping = pingEventSchema.safeParse(webhook.payload);
  const events = ping.success ? ping.data.hook.events : ESSENTIAL_EVENTS;
  const missing = events.includes('*') ? [] : ESSENTIAL_EVENTS.filter((event) => !events.includes(event));
  return missing.length === 0
    ? 'a ping: the webhook works'
    : `a ping: the webhook works, but it is not sent ${missing.join(' and ')}; add them at GitHub`;
}

function ignored(reason: string): Read {
  return { meaning: { kind: 'ignored', reason }, payload: null };
}

/** Nothing is lost with what can't be read, unless it is a failure: those are refused instead, by `read`. */
function readOr<S extends z.ZodType<Record<string, unknown>>>(
  schema: S,
  { event, payload }: ReceivedWebhook,
  meaningOfRead: (read: z.output<S>) => DeliveryMeaning,
): Read {
  const result = schema.safeParse(payload);
  if (!result.success) return ignored(`the ${event} lacks ${problemsOf(result.error).join('; ')}`);
  const meaning = meaningOfRead(result.data);
  return { meaning, payload: meaning.kind === 'ignored' ? null : result.data };
}

function read<T>(schema: z.ZodType<T>, { event, id, payload }: ReceivedWebhook): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const problems = problemsOf(result.error);
  throw new InvalidInput(`The ${event} delivery ${id} can't be read: ${problems.join('; ')}.`, {
    event,
    deliveryId: id,
    problems,
  });
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join('.') || 'payload'}: ${issue.message}`);
}
