import { z } from 'zod';

/** The fields used of GitHub's workflow run. https://docs.github.com/rest/actions/workflow-runs */
export const runSchema = z.object({
  id: z.number(),
  run_attempt: z.number().optional(),
  workflow_id: z.number(),
  name: z.string().nullish(),
  event: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  head_sha: z.string(),
  head_branch: z.string().nullable(),
  html_url: z.string().nullish(),
});

/** The fields used of GitHub's job. https://docs.github.com/rest/actions/workflow-jobs */
export const jobSchema = z.object({
  id: z.number(),
  run_id: z.number(),
  run_attempt: z.number().optional(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  started_at: z.string().nullish(),
  completed_at: z.string().nullish(),
  html_url: z.string().nullish(),
  steps: z
    .array(z.object({ number: z.number(), name: z.string(), conclusion: z.string().nullish() }))
    .optional(),
});
