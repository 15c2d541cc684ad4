import { OWN_COMMIT_TRAILER, REPOSITORY_NAME, REPOSITORY_OWNER } from '@app/domain';
import { z } from 'zod';

/*
 * The fields that are used of each event, and nothing else: what the schemas leave of a payload is also what is kept of it,
 * and reads the same when it is read again.
 */

const id = z.int().positive();
const time = z.iso.datetime({ offset: true });
const WEB = /^https?$/;
/** An address to show as a link. What isn't one of the web is left out: a failure is not lost for its decoration. */
const url = z.url({ protocol: WEB, normalize: true }).nullish().catch(null);
const text = z.string().nullish();
const login = z.object({ login: z.string().regex(REPOSITORY_OWNER) });
const pullRequests = z.array(z.object({ number: z.int().positive() })).nullish();

const TRAILER_LINES = new RegExp(`^${OWN_COMMIT_TRAILER}:.*$`, 'gim');
/** Of a commit's message only the product's own trailers matter; the rest is nobody's business here. */
const commit = z
  .object({
    message: z.string().transform((message) => (message.match(TRAILER_LINES) ?? []).join('\n')),
    author: z.object({ name: text }).nullish(),
  })
  .nullish()
  .catch(null);

/** The repository of a webhook. `html_url` tells the host: github.com or a GitHub Enterprise server. */
export const repositorySchema = z.object({
  name: z.string().regex(REPOSITORY_NAME),
  owner: login,
  html_url: z.url({ protocol: WEB }),
});

/** A run of any state in a `workflow_run` webhook. */
export const workflowRunEventSchema = z.object({
  action: text,
  repository: repositorySchema,
  workflow_run: z.object({
    id,
    run_attempt: id,
    workflow_id: id.nullish(),
    name: text,
    event: text,
    head_sha: text,
    head_branch: text,
    head_repository: z.object({ full_name: z.string() }).nullish().catch(null),
    head_commit: commit,
    pull_requests: pullRequests,
    conclusion: z.string().nullable(),
    run_started_at: time.nullish().catch(null),
    updated_at: time,
    html_url: url,
  }),
});

/** A finished job in a `workflow_job` webhook. */
export const workflowJobEventSchema = z.object({
  action: text,
  repository: repositorySchema,
  workflow_job: z.object({
    id,
    run_id: id,
    run_attempt: id,
    name: z.string().min(1),
    workflow_name: text,
    head_sha: text,
    head_branch: text,
    conclusion: z.string().nullable(),
    completed_at: time,
    html_url: url,
    steps: z.array(z.object({ name: z.string(), conclusion: text })).nullish(),
  }),
});

export const checkRunEventSchema = z.object({
  action: text,
  repository: repositorySchema,
  check_run: z.object({ head_sha: z.string(), pull_requests: pullRequests }),
});

export const pullRequestEventSchema = z.object({
  action: text,
  repository: repositorySchema,
  pull_request: z.object({
    number: z.int().positive(),
    state: z.enum(['open', 'closed']),
    merged_at: time.nullish(),
    merge_commit_sha: text,
    updated_at: time,
    html_url: url,
    head: z.object({ ref: z.string(), sha: z.string() }),
  }),
});

export const pushEventSchema = z.object({
  repository: repositorySchema,
  ref: z.string(),
  after: z.string(),
  deleted: z.boolean().nullish(),
  head_commit: commit,
});

const named = z.array(z.object({ full_name: z.string() })).nullish();

export const installationEventSchema = z.object({
  action: z.string(),
  installation: z.object({
    id,
    account: z.object({ html_url: z.url({ protocol: WEB }) }),
  }),
  repositories: named,
  repositories_added: named,
  repositories_removed: named,
});

export const pingEventSchema = z.object({
  hook: z.object({ events: z.array(z.string()) }),
});
