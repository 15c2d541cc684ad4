import { z } from 'zod';
import { acceptsGithub } from './github-schema.js';

/** The fields used of GitHub's repository. https://docs.github.com/rest/repos/repos */
export const repositorySchema = acceptsGithub<'full-repository'>()(
  z.object({
    id: z.number(),
    default_branch: z.string(),
    private: z.boolean(),
    fork: z.boolean(),
    archived: z.boolean().default(false),
    html_url: z.string().nullish(),
  }),
);

/** The fields used of GitHub's workflow run. https://docs.github.com/rest/actions/workflow-runs */
export const runSchema = acceptsGithub<'workflow-run'>()(
  z.object({
    id: z.number(),
    run_attempt: z.number().optional(),
    workflow_id: z.number(),
    name: z.string().nullish(),
    path: z.string().nullish(),
    event: z.string(),
    status: z.string().nullable(),
    conclusion: z.string().nullable(),
    head_sha: z.string(),
    head_branch: z.string().nullable(),
    head_repository: z.object({ full_name: z.string() }).nullish(),
    pull_requests: z.array(z.object({ number: z.number() })).nullish(),
    head_commit: z
      .object({ message: z.string(), author: z.object({ name: z.string() }).nullish() })
      .nullish(),
    created_at: z.coerce.date(),
    updated_at: z.coerce.date(),
    html_url: z.string().nullish(),
  }),
);
export const runsSchema = z.object({ workflow_runs: z.array(runSchema) });

const time = z.coerce
  .date()
  .nullish()
  .catch(null)
  .transform((at) => at ?? null);

/** The fields used of GitHub's job. https://docs.github.com/rest/actions/workflow-jobs */
export const jobSchema = acceptsGithub<'job'>()(
  z.object({
    id: z.number(),
    node_id: z.string().nullish(),
    run_id: z.number(),
    run_attempt: z.number().optional(),
    name: z.string(),
    status: z.string(),
    conclusion: z.string().nullable(),
    started_at: time,
    completed_at: time,
    html_url: z.string().nullish(),
    steps: z
      .array(
        z.object({
          number: z.number(),
          name: z.string(),
          status: z.string().default('completed'),
          conclusion: z.string().nullish(),
          started_at: time,
          completed_at: time,
        }),
      )
      .optional(),
  }),
);
export const jobsSchema = z.object({ jobs: z.array(jobSchema) });

/** A file among what a commit or a comparison changed. https://docs.github.com/rest/commits/commits */
export const changedFileSchema = acceptsGithub<'diff-entry'>()(
  z.object({
    filename: z.string(),
    status: z.string(),
    patch: z.string().nullish(),
    previous_filename: z.string().nullish(),
    additions: z.number().default(0),
    deletions: z.number().default(0),
  }),
);
export const commitSchema = acceptsGithub<'commit'>()(
  z.object({
    sha: z.string(),
    html_url: z.string().nullish(),
    author: z.object({ login: z.string().optional() }).nullish(),
    commit: z.object({ message: z.string(), committer: z.object({ date: time }).nullish() }),
    files: z.array(changedFileSchema).optional(),
  }),
);
export const comparisonSchema = acceptsGithub<'commit-comparison'>()(
  z.object({
    html_url: z.string().nullish(),
    total_commits: z.number(),
    commits: z.array(commitSchema),
    files: z.array(changedFileSchema).optional(),
  }),
);

/** https://docs.github.com/rest/checks/runs#list-check-run-annotations */
export const annotationsSchema = z.array(
  z.object({
    path: z.string(),
    start_line: z.number(),
    end_line: z.number(),
    annotation_level: z.enum(['notice', 'warning', 'failure']).nullable().catch('failure'),
    title: z.string().nullish(),
    message: z.string().nullable(),
  }),
);

/** https://docs.github.com/rest/repos/contents; an array for a folder. */
export const contentSchema = z.union([
  z.array(z.unknown()),
  z.object({
    type: z.string(),
    size: z.number(),
    encoding: z.string().optional(),
    content: z.string().optional(),
  }),
]);

/** https://docs.github.com/rest/commits/commits#list-pull-requests-associated-with-a-commit */
export const pullRequestsSchema = z.array(
  z.object({
    number: z.number(),
    title: z.string(),
    state: z.enum(['open', 'closed']),
    draft: z.boolean().optional(),
    user: z.object({ login: z.string() }).nullish(),
    head: z.object({
      sha: z.string(),
      ref: z.string(),
      repo: z.object({ full_name: z.string() }).nullish(),
    }),
    base: z.object({ sha: z.string(), ref: z.string() }),
    merged_at: time,
    merge_commit_sha: z.string().nullish(),
    html_url: z.string().nullish(),
  }),
);
