import { ACTION_KINDS, ACTION_MODES } from '@app/domain';
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

const kind = z.enum(ACTION_KINDS);
const mode = z.enum(ACTION_MODES);
const pattern = z
  .string()
  .min(1)
  .max(300)
  .regex(/^\P{Cc}+$/u, 'must not hold control characters');
const patterns = z.array(pattern).max(100);
const limit = z.int().min(0).max(10_000);

/** What a project lets the product do. All of it: what is left out is refused, so that nothing is allowed by oversight. */
export const actionPolicySchema = z
  .strictObject({
    kinds: z.strictObject(
      Object.fromEntries(ACTION_KINDS.map((name) => [name, mode])) as Record<
        (typeof ACTION_KINDS)[number],
        typeof mode
      >,
    ),
    forkKinds: z
      .array(kind)
      .meta({ description: 'Kinds that a run of a fork may lead to, once a person approved them.' }),
    branches: patterns.meta({ description: 'Globs of branches that a fix may be proposed for.' }),
    paths: patterns.meta({ description: 'Globs of files that a fix may edit.' }),
    protectedPaths: patterns.meta({
      description: 'Globs of files that no fix edits, whatever `paths` says; case does not matter.',
    }),
    maxFiles: z.int().min(0).max(1_000),
    maxChangedLines: z.int().min(0).max(100_000),
    dailyLimits: z
      .strictObject({ each: limit, all: limit })
      .meta({ description: 'New actions a UTC day: of each kind, and of all together.' }),
    maxAttempts: z.int().min(1).max(100).meta({ description: 'A run with this many is not run again.' }),
    minConfidence: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'A diagnosis less sure than this leads to no automatic remedy.' }),
  })
  .meta({ id: 'ActionPolicy' });
export type ActionPolicyBody = z.output<typeof actionPolicySchema>;

export const projectPolicySchema = z
  .object({
    policy: actionPolicySchema,
    isDefault: z
      .boolean()
      .meta({
        description: 'The project says nothing: everything waits for approval, nothing is automatic.',
      }),
  })
  .meta({ id: 'ProjectActionPolicy' });
