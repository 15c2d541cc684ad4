import { ExternalFailure, jobId, type Job, type JobQueue } from '@app/domain';

/** Remembers jobs until a test runs them. Held to the job-queue contract. */
export class FakeJobQueue implements JobQueue {
  /** While true every call fails as a queue that can't be reached does. */
  away = false;
  private readonly known = new Set<string>();
  private readonly waiting = new Map<string, Job>();
  private readonly active = new Set<string>();

  async enqueue(jobs: readonly Job[]): Promise<void> {
    this.assertReachable();
    for (const job of jobs) {
      const id = jobId(job);
      if (this.known.has(id)) continue;
      this.known.add(id);
      this.waiting.set(id, { ...job });
    }
  }

  async isPending(job: Job): Promise<boolean> {
    this.assertReachable();
    const id = jobId(job);
    return this.waiting.has(id) || this.active.has(id);
  }

  async ping(): Promise<{ ok: boolean; latencyMs: number; detail?: string }> {
    return this.away ? { ok: false, latencyMs: 0, detail: 'queue_away' } : { ok: true, latencyMs: 0 };
  }

  /** Jobs that wait to be run, the oldest first. */
  get jobs(): readonly Job[] {
    return [...this.waiting.values()];
  }

  /** Runs the oldest job; false when none waits. A job whose handler throws counts as finally failed. */
  async runNext(handler: (job: Job) => Promise<void>): Promise<boolean> {
    const next = this.waiting.entries().next();
    if (next.done) return false;
    const [id, job] = next.value;
    this.waiting.delete(id);
    this.active.add(id);
    try {
      await handler(job);
    } finally {
      this.active.delete(id);
    }
    return true;
  }

  /** Runs jobs until none waits, those included that handlers add. Returns how many ran. */
  async runAll(handler: (job: Job) => Promise<void>): Promise<number> {
    let ran = 0;
    while (await this.runNext(handler)) ran += 1;
    return ran;
  }

  /** Drops everything, as a queue that lost its data would. */
  forget(): void {
    this.known.clear();
    this.waiting.clear();
  }

  private assertReachable(): void {
    if (this.away)
      throw new ExternalFailure('The queue is away.', {
        code: 'queue_away',
        retryable: true,
        cause: undefined,
      });
  }
}
