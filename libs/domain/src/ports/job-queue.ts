/**
 * The jobs of the product. `sequence` makes the id new when the same work is dispatched again; `turn` is the job's place
 * in its project's line, so that a busy project can't keep the others waiting. Without a turn it goes before all.
 */
export type Job = (
  | { readonly name: 'diagnose-incident'; readonly incidentId: string }
  | { readonly name: 'expand-run'; readonly deliveryId: string }
  | { readonly name: 'ingest-document'; readonly backgroundJobId: string }
  | { readonly name: 'run-remediation'; readonly workflowId: string }
) & { readonly sequence: number; readonly turn?: number };
export type JobName = Job['name'];

/** The id of what a job is about. */
export function subjectOf(job: Job): string {
  switch (job.name) {
    case 'diagnose-incident':
      return job.incidentId;
    case 'expand-run':
      return job.deliveryId;
    case 'ingest-document':
      return job.backgroundJobId;
    case 'run-remediation':
      return job.workflowId;
  }
}

/** `purpose-subject-sequence`: what a queue knows a job by. Holds no colon. */
export function jobId(job: Job): string {
  return `${job.name}-${subjectOf(job)}-${job.sequence}`.replaceAll(':', '_');
}

/** Background work. A queue may forget or fail: what must not be lost lives in the outbox tables. */
export abstract class JobQueue {
  /** Adds jobs; ids the queue already knows are ignored. Lower turns run first. @throws ExternalFailure `queue_away` when it can't be reached */
  abstract enqueue(jobs: readonly Job[]): Promise<void>;
  /** Whether the queue still holds the job to be run: waiting, delayed or active. */
  abstract isPending(job: Job): Promise<boolean>;
  abstract ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }>;
}
