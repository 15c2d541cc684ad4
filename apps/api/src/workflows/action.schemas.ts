import { z } from 'zod';

const edit = z.object({ path: z.string(), search: z.string(), replace: z.string() });
const annotation = z.object({
  path: z.string(),
  startLine: z.number(),
  endLine: z.number(),
  level: z.enum(['notice', 'warning', 'failure']),
  title: z.string(),
  message: z.string(),
});

/** An action, with everything that it would say or change. */
export const actionSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('rerun_failed_jobs'), runId: z.number(), attempt: z.number() }),
    z.object({
      kind: z.literal('rerun_job'),
      runId: z.number(),
      attempt: z.number(),
      jobId: z.number(),
      jobName: z.string(),
    }),
    z.object({ kind: z.literal('cancel_run'), runId: z.number(), attempt: z.number() }),
    z.object({ kind: z.literal('comment'), pullRequest: z.number(), body: z.string() }),
    z.object({
      kind: z.literal('check_run'),
      headSha: z.string(),
      name: z.string(),
      title: z.string(),
      summary: z.string(),
      annotations: z.array(annotation).readonly(),
    }),
    z.object({ kind: z.literal('issue'), title: z.string(), body: z.string() }),
    z.object({
      kind: z.literal('fix_pull_request'),
      base: z.string(),
      baseSha: z.string(),
      title: z.string(),
      body: z.string(),
      commitMessage: z.string(),
      edits: z.array(edit).readonly(),
    }),
  ])
  .meta({ id: 'Action' });
