import { BACKGROUND_JOB_KINDS, BACKGROUND_JOB_STATES, type BackgroundJob } from '@app/domain';
import { z } from 'zod';
import { pageQuerySchema } from '../http/page-query.schema.js';

export const jobListQuerySchema = pageQuerySchema.extend({ state: z.enum(BACKGROUND_JOB_STATES).optional() });
export type JobListQuery = z.output<typeof jobListQuerySchema>;

export const jobViewSchema = z
  .object({
    id: z.string(),
    kind: z.enum(BACKGROUND_JOB_KINDS),
    title: z.string(),
    projectId: z.string().nullable().meta({ description: 'Null: of every project.' }),
    documentId: z.string(),
    state: z.enum(BACKGROUND_JOB_STATES),
    progress: z.object({ done: z.number(), total: z.number() }),
    attempts: z.number(),
    error: z.string().nullable().meta({ description: 'What went wrong last.' }),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'BackgroundJob' });
export type JobView = z.output<typeof jobViewSchema>;

export const jobPageSchema = z
  .object({ items: z.array(jobViewSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'BackgroundJobPage' });
export type JobPageView = z.output<typeof jobPageSchema>;

export function presentJob(job: BackgroundJob): JobView {
  const { id, kind, title, projectId, documentId, state, done, total, attempts, error } = job;
  return {
    id,
    kind,
    title,
    projectId,
    documentId,
    state,
    progress: { done, total },
    attempts,
    error,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
  };
}
