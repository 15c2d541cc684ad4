import type { Job } from '@app/domain';
import type { JobContext, JobHandlers } from '@app/queue';

/** One handler for every job there is. */
export function handlersOf(handler: (job: Job, context: JobContext) => Promise<void>): JobHandlers {
  return {
    'diagnose-incident': handler,
    'expand-run': handler,
    'ingest-document': handler,
    'run-remediation': handler,
  };
}
