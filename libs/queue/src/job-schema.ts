import type { Job, JobName } from '@app/domain';
import { z } from 'zod';

const subject = z.string().min(1).max(300);
const sequence = z.number().int().min(0);
const turn = z.number().int().min(1).max(100_000).optional();

/** What a job's payload must look like, when it is added and again when it is taken. */
export const jobSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('diagnose-incident'), incidentId: subject, sequence, turn }),
  z.object({ name: z.literal('expand-run'), deliveryId: subject, sequence, turn }),
  z.object({ name: z.literal('ingest-document'), backgroundJobId: subject, sequence, turn }),
  z.object({ name: z.literal('run-remediation'), workflowId: subject, sequence, turn }),
]) satisfies z.ZodType<Job>;

/** One queue a job name, named after it. */
export const JOB_NAMES = jobSchema.options.map((option) => option.shape.name.value) satisfies JobName[];
