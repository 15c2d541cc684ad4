/** The jobs of the product. `sequence` makes the id new when the same work is dispatched again. */
export type Job =
  | { readonly name: 'diagnose-incident'; readonly incidentId: string; readonly sequence: number }
  | { readonly name: 'expand-run'; readonly deliveryId: string; readonly sequence: number };
export type JobName = Job['name'];

/** `purpose-subject-sequence`: what a queue knows a job by. Holds no colon. */
export function jobId(job: Job): string {
  const subject = job.name === 'diagnose-incident' ? job.incidentId : job.deliveryId;
  return `${job.name}-${subject}-${job.sequence}`.replaceAll(':', '_');
}

/** Background work. A queue may forget or fail: what must not be lost lives in the outbox tables. */
export abstract class JobQueue {
  /** Adds jobs; ids the queue already knows are ignored. @throws ExternalFailure `queue_away` when it can't be reached */
  abstract enqueue(jobs: readonly Job[]): Promise<void>;
  /** Whether the queue still holds the job to be run: waiting, delayed or active. */
  abstract isPending(job: Job): Promise<boolean>;
  abstract ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }>;
}
