import {
  DETERMINISMS,
  FAILURE_CATEGORIES,
  INCIDENT_STATUSES,
  RECOMMENDATIONS,
  RISKS,
  SEVERITIES,
  parseRepository,
} from '@app/domain';
import { z } from 'zod';

/** One value, or several separated by commas. */
const anyOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(values)))
    .optional();

/** Text of one line. Control characters stand for an accident or worse, and PostgreSQL refuses NUL. */
const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters');
const namedLine = (maxLength: number) => line(maxLength).trim().min(1);

const repository = z
  .string()
  .refine((text) => isRepository(text), { message: 'expected owner/name' })
  .meta({ description: 'owner/name, or host/owner/name', example: 'octo/widgets' });

const time = z.iso.datetime({ offset: true });

export const incidentFilterSchema = z.strictObject({
  q: namedLine(500).optional().meta({ description: 'Full-text search.' }),
  project: line(200).optional().meta({ description: 'Project id.' }),
  status: anyOf(INCIDENT_STATUSES),
  category: anyOf(FAILURE_CATEGORIES),
  severity: anyOf(SEVERITIES),
  determinism: anyOf(DETERMINISMS),
  branch: line(500).optional(),
  fingerprint: line(200).optional(),
  from: time.transform((text) => new Date(text)).optional(),
  to: time.transform((text) => new Date(text)).optional(),
});
export type IncidentFilterQuery = z.output<typeof incidentFilterSchema>;

export const incidentListQuerySchema = incidentFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: line(500).optional(),
});
export type IncidentListQuery = z.output<typeof incidentListQuerySchema>;

export const submitQuerySchema = z.strictObject({
  repository: repository.default('manual/uploads'),
  job: namedLine(300).default('log'),
  workflow: namedLine(300).optional(),
  branch: namedLine(500).optional(),
});
export type SubmitQuery = z.output<typeof submitQuerySchema>;

export const submitBodySchema = submitQuerySchema
  .extend({ log: z.string().min(1).meta({ description: 'The text of the log.' }) })
  .meta({ id: 'SubmittedLog' });

export const submittedSchema = z
  .object({ id: z.string(), status: z.literal('received'), url: z.string() })
  .meta({ id: 'SubmittedIncident' });

export const incidentSchema = z
  .object({
    id: z.string(),
    projectId: z.string(),
    repository: z.string(),
    source: z.enum(['github', 'manual']),
    runId: z.number(),
    jobName: z.string(),
    workflowName: z.string().nullable(),
    failedStep: z.string().nullable(),
    headSha: z.string().nullable(),
    branch: z.string().nullable(),
    pullRequests: z.array(z.number()),
    url: z.string().nullable(),
    status: z.enum(INCIDENT_STATUSES),
    statusReason: z.string().nullable(),
    ownWork: z.boolean().meta({
      description: 'It failed on a branch or commit of the product itself: it is never remediated.',
    }),
    verifiedBy: z
      .object({
        runId: z.number(),
        attempt: z.number(),
        jobId: z.number().nullable(),
        passedAt: z.iso.datetime(),
        url: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'The later passing job that proved the repair.' }),
    category: z.enum(FAILURE_CATEGORIES).nullable(),
    subcategory: z.string().nullable(),
    severity: z.enum(SEVERITIES).nullable(),
    determinism: z.enum(DETERMINISMS).nullable(),
    confidence: z.number().nullable(),
    fingerprint: z.string().nullable(),
    latestAttempt: z.number(),
    occurrences: z.number(),
    openedAt: z.string(),
    lastFailedAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Incident' });
export type IncidentView = z.output<typeof incidentSchema>;

export const incidentPageSchema = z
  .object({ items: z.array(incidentSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'IncidentPage' });

const citationSchema = z.object({ evidenceId: z.string(), quote: z.string(), line: z.number() });

export const evidenceSchema = z
  .object({ id: z.string(), startLine: z.number(), endLine: z.number(), text: z.string() })
  .meta({ id: 'Evidence' });

export const diagnosisSchema = z
  .object({
    id: z.string(),
    source: z.enum(['model', 'rules']),
    analyst: z.string(),
    state: z.enum(['complete', 'insufficient_evidence']),
    fallbackReason: z
      .string()
      .nullable()
      .meta({ description: 'Why the rules, or a second provider, answered in the model’s place.' }),
    reused: z
      .boolean()
      .meta({ description: 'Answered from the stored diagnosis of the pattern: no model call.' }),
    rootCause: z.string(),
    rootCauseBy: z
      .enum(['model', 'rules', 'person'])
      .meta({ description: '`person`: somebody called an earlier answer wrong and told the real cause.' }),
    contributingFactors: z.array(z.string()),
    errorChain: z.array(z.string()),
    affectedComponents: z.array(z.string()),
    confidence: z.number(),
    citations: z.array(citationSchema),
    solution: z.object({
      summary: z.string(),
      steps: z.array(z.string()),
      commands: z.array(z.string()),
      edits: z.array(z.object({ path: z.string(), search: z.string(), replace: z.string() })),
      configurationChanges: z.array(
        z.object({
          file: z.string().nullable(),
          setting: z.string(),
          value: z.string(),
          reason: z.string(),
        }),
      ),
      risk: z.enum(RISKS),
      estimatedMinutes: z.number().nullable(),
    }),
    prevention: z.array(z.string()),
    validation: z
      .object({
        safe: z.boolean(),
        risk: z.enum(RISKS),
        concerns: z.array(z.string()),
        preconditions: z.array(z.string()),
        alternatives: z.array(z.string()),
        recommendation: z.enum(RECOMMENDATIONS),
      })
      .nullable(),
    createdAt: z.string(),
  })
  .meta({ id: 'Diagnosis' });

export const costSchema = z
  .object({
    modelCalls: z.number(),
    cachedCalls: z.number(),
    inputTokens: z.number(),
    outputTokens: z.number(),
    costUsd: z.number(),
  })
  .meta({ id: 'Cost' });

export const incidentDetailSchema = incidentSchema
  .extend({
    diagnosis: diagnosisSchema.nullable(),
    evidence: z.array(evidenceSchema),
    cost: costSchema,
    attempts: z.array(
      z.object({
        attempt: z.number(),
        jobId: z.number().nullable(),
        failedAt: z.string(),
        fingerprint: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'IncidentDetail' });
export type IncidentDetailView = z.output<typeof incidentDetailSchema>;

export const logQuerySchema = z.strictObject({
  attempt: z.coerce.number().int().min(1).optional().meta({ description: 'Default: the latest failed one.' }),
  raw: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'The whole redacted log as text/plain.' }),
});
export type LogQuery = z.output<typeof logQuerySchema>;

export const incidentLogSchema = z
  .object({
    attempt: z.number(),
    format: z.string(),
    lines: z.number(),
    truncated: z.boolean(),
    redactions: z.number(),
    primary: z.object({ line: z.number(), text: z.string() }).nullable(),
    evidence: z.array(evidenceSchema),
    excerpt: z
      .string()
      .meta({ description: 'Evidence with its surroundings; physical line numbers beside the text.' }),
    signature: z.string(),
    fingerprint: z.string(),
  })
  .meta({ id: 'IncidentLog' });
export type IncidentLogView = z.output<typeof incidentLogSchema>;

export const timelineSchema = z
  .object({
    items: z.array(
      z.object({
        id: z.number(),
        at: z.string(),
        kind: z.string(),
        from: z.enum(INCIDENT_STATUSES).nullable(),
        to: z.enum(INCIDENT_STATUSES).nullable(),
        facts: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: 'Timeline' });
export type TimelineView = z.output<typeof timelineSchema>;

function isRepository(text: string): boolean {
  try {
    parseRepository(text);
    return true;
  } catch {
    return false;
  }
}
