import { ACTION_KINDS, STEP_STATES, WORKFLOW_STATUSES } from '@app/domain';
import { z } from 'zod';
import { actionSchema } from './action.schemas.js';

const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters');

export const workflowListQuerySchema = z.strictObject({
  project: line(200).optional().meta({ description: 'Project id.' }),
  incident: line(200).optional().meta({ description: 'Incident id.' }),
  status: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(WORKFLOW_STATUSES)))
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: line(500).optional(),
});
export type WorkflowListQuery = z.output<typeof workflowListQuerySchema>;

export const planQuerySchema = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Only show what would be done: nothing is stored or written.' }),
});
export type PlanQuery = z.output<typeof planQuerySchema>;

export const planBodySchema = z
  .strictObject({
    kinds: z.array(z.enum(ACTION_KINDS)).min(1).optional().meta({
      description: 'Default: what the diagnosis speaks for. Targets are always the incident’s own.',
    }),
  })
  .meta({ id: 'RemediationPlan' });
export type PlanBody = z.output<typeof planBodySchema>;

export const steerBodySchema = z
  .strictObject({ reason: line(1_000).trim().min(1).optional() })
  .meta({ id: 'WorkflowSteering' });
export type SteerBody = z.output<typeof steerBodySchema>;

const actor = z.object({ kind: z.enum(['person', 'policy']), name: z.string() });

export const stepSchema = z
  .object({
    action: actionSchema,
    decision: z.object({
      verdict: z.enum(['automatic', 'approval', 'refused']),
      reasons: z.array(z.string()).readonly(),
    }),
    why: z.string(),
    state: z.enum(STEP_STATES),
    url: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'WorkflowStep' });

export const workflowSchema = z
  .object({
    id: z.string(),
    projectId: z.string(),
    incidentId: z.string(),
    attempt: z.number().meta({ description: 'The failed attempt that it was planned for.' }),
    plannedFrom: z.object({ diagnosisId: z.string(), madeAt: z.string() }).nullable().meta({
      description:
        'The diagnosis that it was planned from: once that is contradicted or made anew, nothing more is begun. Null: none was in force.',
    }),
    status: z.enum(WORKFLOW_STATUSES),
    reason: z.string().nullable(),
    steps: z.array(stepSchema).readonly(),
    plannedBy: actor,
    approvedBy: actor.nullable(),
    verifyUntil: z.string().nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Workflow' });
export type WorkflowView = z.output<typeof workflowSchema>;

export const workflowPageSchema = z
  .object({ items: z.array(workflowSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'WorkflowPage' });

export const previewSchema = z
  .object({
    dryRun: z.literal(true),
    steps: z.array(
      z.object({
        step: stepSchema,
        preview: z
          .object({
            wouldAct: z.boolean(),
            calls: z
              .array(
                z.object({
                  method: z.enum(['POST', 'PATCH', 'PUT', 'DELETE']),
                  path: z.string(),
                  body: z.record(z.string(), z.unknown()).readonly(),
                }),
              )
              .readonly(),
            diff: z.string().nullable(),
            note: z.string().nullable(),
          })
          .nullable(),
        problem: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'RemediationPreview' });
export type PreviewView = z.output<typeof previewSchema>;
