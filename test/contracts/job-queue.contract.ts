import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExternalFailure, jobId, type Job, type JobQueue } from '@app/domain';

/** A queue with an empty store, and a way to have its jobs run. */
export interface JobQueueUnderTest {
  readonly queue: JobQueue;
  /** Runs jobs, from now on or once, until `close`. A handler that throws fails its job for good. */
  work(handler: (job: Job) => Promise<void>): Promise<void>;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

const diagnose = (sequence = 0): Job => ({ name: 'diagnose-incident', incidentId: randomUUID(), sequence });
const expand = (): Job => ({ name: 'expand-run', deliveryId: randomUUID(), sequence: 0 });

/** What every JobQueue does. */
export function jobQueueContract(name: string, create: () => Promise<JobQueueUnderTest>): void {
  describe(`JobQueue: ${name}`, () => {
    let sut: JobQueueUnderTest;
    let ran: Job[];
    const run = async (job: Job): Promise<void> => {
      ran.push(job);
    };
    const untilRan = (count: number): Promise<void> =>
      vi.waitFor(() => expect(ran).toHaveLength(count), { timeout: 10_000, interval: 20 });
    const untilNotPending = (job: Job): Promise<void> =>
      vi.waitFor(async () => expect(await sut.queue.isPending(job)).toBe(false), { timeout: 10_000 });

    beforeEach(async () => {
      sut = await create();
      ran = [];
    });

    afterEach(() => sut.close());

    it('runs every job it was given, once, and holds it as pending until then', async () => {
      const jobs = [diagnose(), expand(), diagnose(3)];
      await sut.queue.enqueue(jobs);
      for (const job of jobs) expect(await sut.queue.isPending(job)).toBe(true);
      await sut.work(run);
      await untilRan(3);
      for (const job of jobs) await untilNotPending(job);
      expect(ran.map(jobId).toSorted()).toEqual(jobs.map(jobId).toSorted());
      expect(ran.find((job) => jobId(job) === jobId(jobs[2]!))).toEqual(jobs[2]);
    });

    it('takes many jobs at once, in their order, and those it knows among them only once', async () => {
      const jobs = Array.from({ length: 40 }, () => diagnose());
      await sut.queue.enqueue([jobs[3]!]);
      await sut.queue.enqueue([...jobs, jobs[7]!]);
      await sut.work(run);
      await untilRan(40);
      expect(ran.map(jobId)).toEqual([jobs[3]!, ...jobs.filter((job) => job !== jobs[3])].map(jobId));
    });

    it('runs jobs of one name in the order in which they came', async () => {
      const jobs = [diagnose(), diagnose(), diagnose(), diagnose()];
      for (const job of jobs) await sut.queue.enqueue([job]);
      await sut.work(run);
      await untilRan(4);
      expect(ran).toEqual(jobs);
    });

    it('holds a job as pending while it runs', async () => {
      const job = diagnose();
      const release = Promise.withResolvers<void>();
      await sut.queue.enqueue([job]);
      const working = sut.work(async (taken) => {
        ran.push(taken);
        await release.promise;
      });
      await untilRan(1);
      expect(await sut.queue.isPending(job)).toBe(true);
      release.resolve();
      await working;
      await untilNotPending(job);
    });

    it('ignores an id that it knows: waiting, or done a moment ago', async () => {
      const job = diagnose();
      const last = diagnose();
      await sut.queue.enqueue([job]);
      await sut.queue.enqueue([job, job]);
      await sut.work(run);
      await untilRan(1);
      await untilNotPending(job);
      await sut.queue.enqueue([job]);
      expect(await sut.queue.isPending(job)).toBe(false);
      await sut.queue.enqueue([last]);
      await sut.work(run);
      await untilRan(2);
      expect(ran).toEqual([job, last]);
    });

    it('ignores an id that has failed for good, and runs the next sequence of it', async () => {
      const job = diagnose();
      const again = { ...job, sequence: job.sequence + 1 };
      const failing = async (taken: Job): Promise<void> => {
        ran.push(taken);
        if (taken.sequence === job.sequence)
          throw new ExternalFailure('The log is gone.', { code: 'github_log_gone', retryable: false });
      };
      await sut.queue.enqueue([job]);
      await sut.work(failing).catch(() => undefined);
      await untilRan(1);
      await untilNotPending(job);
      await sut.queue.enqueue([job]);
      expect(await sut.queue.isPending(job)).toBe(false);
      await sut.queue.enqueue([again]);
      await sut.work(failing);
      await untilRan(2);
      expect(ran).toEqual([job, again]);
    });

    it('knows nothing of a job that was never added', async () => {
      expect(await sut.queue.isPending(diagnose())).toBe(false);
    });

    it('takes no jobs at all without complaint', async () => {
      await expect(sut.queue.enqueue([])).resolves.toBeUndefined();
    });

    it('answers a ping', async () => {
      const { ok, latencyMs } = await sut.queue.ping();
      expect(ok).toBe(true);
      expect(latencyMs).toBeGreaterThanOrEqual(0);
    });

    it('fails with queue_away instead of hanging while it is away, and works again by itself', async () => {
      await sut.queue.enqueue([diagnose()]);
      await sut.goAway();
      const failure = await sut.queue.enqueue([diagnose()]).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ExternalFailure);
      expect(failure).toMatchObject({ code: 'queue_away', retryable: true });
      await expect(sut.queue.isPending(diagnose())).rejects.toMatchObject({ code: 'queue_away' });
      expect(await sut.queue.ping()).toMatchObject({ ok: false });
      await sut.comeBack();
      const job = diagnose();
      await vi.waitFor(() => sut.queue.enqueue([job]), { timeout: 10_000, interval: 50 });
      expect(await sut.queue.isPending(job)).toBe(true);
    });
  });
}
