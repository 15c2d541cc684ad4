import { REPOSITORY_NAME, REPOSITORY_OWNER } from '@app/domain';
import { z } from 'zod';

const id = z.int().positive();
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const WEB = /^https?$/;
/** An address to show as a link. What isn't one of the web is left out: a failure is not lost for its decoration. */
const url = z.url({ protocol: WEB, normalize: true }).nullish().catch(null);

const pullRequests = z.array(z.object({ number: z.int().positive() })).nullish();

/** The repository of a webhook. `html_url` tells the host: github.com or a GitHub Enterprise server. */
export const repositorySchema = z.object({
  name: z.string().regex(REPOSITORY_NAME),
  owner: z.object({ login: z.string().regex(REPOSITORY_OWNER) }),
  html_url: z.url({ protocol: WEB }),
});

/** The fields used of a failed run in a `workflow_run` webhook. */
export const workflowRunEventSchema = z.object({
  repository: repositorySchema,
  workflow_run: z.object({
    id,
    run_attempt: id,
    workflow_id: id.nullish(),
    name: z.string().nullish(),
    head_sha: z.string().nullish(),
    head_branch: z.string().nullish(),
    pull_requests: pullRequests,
    updated_at: time,
    html_url: url,
  }),
});

/** The fields used of a failed job in a `workflow_job` webhook. */
export const workflowJobEventSchema = z.object({
  repository: repositorySchema,
  workflow_job: z.object({
    id,
    run_id: id,
    run_attempt: id,
    name: z.string().min(1),
    workflow_name: z.string().nullish(),
    head_sha: z.string().nullish(),
    head_branch: z.string().nullish(),
    completed_at: time,
    html_url: url,
    steps: z.array(z.object({ name: z.string(), conclusion: z.string().nullish() })).nullish(),
  }),
});
