import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExternalFailure, jobId, type FailedJobRecord, type Job } from '@app/domain';
import { BullJobQueue, JobWorkers, type JobContext } from '@app/queue';
import { RecordingLog, silentLog } from '../fakes/recording-log.js';
import type { BackendUnderTest } from '../support/queue-backends.js';
import { handlersOf } from '../support/job-handlers.js';

type Handler = (job: Job, context: JobContext) => Promise<void>;

const config = { queue: { concurrency: 2, attempts: 3, backoffMs: 20 } };
const WAIT = { timeout: 15_000, interval: 20 };
const newJob = (): Job => ({ name: 'diagnose-incident', incidentId: randomUUID(), sequence: 0 });
const doNothing = async (): Promise<void> => undefined;
/** Ends when the signal is aborted, as a step does that looks at it. */
const untilAborted = ({ signal }: JobContext): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );

/** What the workers do over every backend. */
export function jobWorkersContract(name: string, create: () => Promise<BackendUnderTest>): void {
  describe(`JobWorkers: ${name}`, () => {
    let sut: BackendUnderTest;
    let queue: BullJobQueue;
    let log: RecordingLog;
    let failed: FailedJobRecord[];
    let started: JobWorkers[];
    let contexts: JobContext[];

    const startWorkers = async (handler: Handler): Promise<JobWorkers> => {
      const run: Handler = async (job, context) => {
        contexts.push(context);
        await handler(job, context);
      };
      const workers = new JobWorkers({
        backend: sut.backend,
        config,
        handlers: handlersOf(run),
        log,
        onFailed: (record) => void failed.push(record),
      });
      started.push(workers);
      await workers.start();
      return workers;
    };
    const untilNotPending = (job: Job): Promise<void> =>
      vi.waitFor(async () => expect(await queue.isPending(job)).toBe(false), WAIT);
    const untilTried = (times: number): Promise<void> =>
      vi.waitFor(() => expect(contexts.length).toBeGreaterThanOrEqual(times), WAIT);

    beforeEach(async () => {
      sut = await create();
      log = new RecordingLog();
      failed = [];
      started = [];
      contexts = [];
      queue = await BullJobQueue.create(sut.backend, config, silentLog());
    });

    afterEach(async () => {
      await Promise.all(started.map((workers) => workers.close(0)));
      await queue.close();
      await sut.close();
    });

    it('lets a busy project’s line not keep another waiting: 500 of one before the first of the other', async () => {
      const busy = Array.from({ length: 500 }, (_, index) => ({
        ...newJob(),
        turn: Math.min(200, index + 1),
      }));
      const first: Job = { ...newJob(), turn: 1 };
      await queue.enqueue(busy);
      await queue.enqueue([first]);
      const ran: string[] = [];
      await startWorkers(async (job) => {
        ran.push(jobId(job));
      });
      await vi.waitFor(() => expect(ran).toContain(jobId(first)), WAIT);
      expect(ran.indexOf(jobId(first))).toBeLessThan(5);
    });

    it('tries a failed job again after a pause, and tells the handler which try it is', async () => {
      const job = newJob();
      await queue.enqueue([job]);
      await startWorkers(async (_job, { attemptsMade }) => {
        if (attemptsMade < 2) throw new Error('not yet');
      });
      await untilTried(3);
      await untilNotPending(job);
      expect(contexts.map(({ attemptsMade, isLastAttempt }) => ({ attemptsMade, isLastAttempt }))).toEqual([
        { attemptsMade: 0, isLastAttempt: false },
        { attemptsMade: 1, isLastAttempt: false },
        { attemptsMade: 2, isLastAttempt: true },
      ]);
      expect(failed).toEqual([]);
      expect(log.of('job_failed').map(({ error }) => error)).toEqual(['not yet', 'not yet']);
    });

    it('waits as long as the other side asked for', async () => {
      const started: number[] = [];
      await queue.enqueue([newJob()]);
      await startWorkers(async () => {
        started.push(performance.now());
        if (started.length === 1)
          throw new ExternalFailure('slow down', {
            code: 'rate_limited',
            retryable: true,
            retryAfterMs: 700,
          });
      });
      await untilTried(2);
      expect(started[1]! - started[0]!).toBeGreaterThanOrEqual(690);
    });

    it('records a job that failed at its last attempt, once', async () => {
      const job: Job = { name: 'expand-run', deliveryId: 'delivery:1', sequence: 4 };
      await queue.enqueue([job]);
      await startWorkers(async () => {
        throw new Error('GitHub is away');
      });
      await vi.waitFor(() => expect(failed).toHaveLength(1), WAIT);
      expect(failed[0]).toEqual({
        jobId: jobId(job),
        name: 'expand-run',
        subject: 'delivery:1',
        error: 'GitHub is away',
        attempts: 3,
        failedAt: expect.any(Date) as Date,
      });
      expect(Date.now() - failed[0]!.failedAt.getTime()).toBeLessThan(60_000);
      expect(contexts).toHaveLength(3);
      expect(await queue.isPending(job)).toBe(false);
    });

    it('does not try again when no retry can help', async () => {
      const job = newJob();
      await queue.enqueue([job]);
      await startWorkers(async () => {
        throw new ExternalFailure('The log is gone.', { code: 'github_log_gone', retryable: false });
      });
      await vi.waitFor(() => expect(failed).toHaveLength(1), WAIT);
      expect(failed[0]).toMatchObject({ error: 'The log is gone.', attempts: 1 });
      expect(contexts).toHaveLength(1);
      await untilNotPending(job);
    });

    it('goes on with other jobs when recording a failure fails', async () => {
      const [bad, good] = [newJob(), newJob()];
      const done: string[] = [];
      const handler: Handler = async (job) => {
        if (jobId(job) === jobId(bad)) throw new ExternalFailure('no', { code: 'no', retryable: false });
        done.push(jobId(job));
      };
      const workers = new JobWorkers({
        backend: sut.backend,
        config,
        handlers: handlersOf(handler),
        log,
        onFailed: () => Promise.reject(new Error('database away')),
      });
      started.push(workers);
      await workers.start();
      await queue.enqueue([bad]);
      await vi.waitFor(() => expect(log.of('failed_job_not_recorded')).toHaveLength(1), WAIT);
      await queue.enqueue([good]);
      await vi.waitFor(() => expect(done).toEqual([jobId(good)]), WAIT);
    });

    it('runs as many jobs at once as configured, and no more', async () => {
      const release = Promise.withResolvers<void>();
      await queue.enqueue(Array.from({ length: 5 }, newJob));
      await startWorkers(() => release.promise);
      await untilTried(2);
      await vi.waitFor(
        async () =>
          expect((await queue.counts())['diagnose-incident']).toEqual({ waiting: 3, active: 2, delayed: 0 }),
        WAIT,
      );
      expect(contexts).toHaveLength(2);
      release.resolve();
      await untilTried(5);
    });

    it('lets running jobs end when it closes, and takes no more', async () => {
      const release = Promise.withResolvers<void>();
      const [running, waiting] = [newJob(), newJob()];
      await queue.enqueue([running]);
      const workers = await startWorkers(() => release.promise);
      await untilTried(1);
      const closed = workers.close(10_000);
      await queue.enqueue([waiting]);
      release.resolve();
      await closed;
      expect(contexts[0]!.signal.aborted).toBe(false);
      expect(await queue.isPending(running)).toBe(false);
      expect(await queue.isPending(waiting)).toBe(true);
      expect(contexts).toHaveLength(1);
    });

    it('hands back a job that stops when the time is over: it runs again at once, as if for the first time', async () => {
      const job = newJob();
      await queue.enqueue([job]);
      const workers = await startWorkers((_job, context) => untilAborted(context));
      await untilTried(1);
      await workers.close(0);
      expect(await queue.isPending(job)).toBe(true);
      expect(failed).toEqual([]);
      const ran: Job[] = [];
      await startWorkers(async (taken) => void ran.push(taken));
      await vi.waitFor(() => expect(ran).toEqual([job]), WAIT);
      expect(contexts.at(-1)).toMatchObject({ attemptsMade: 0, isLastAttempt: false });
      await untilNotPending(job);
    });

    it('hands back a job whose handler does not stop', async () => {
      const job = newJob();
      await queue.enqueue([job]);
      const workers = await startWorkers(() => new Promise(() => undefined));
      await untilTried(1);
      await workers.close(0);
      const ran: Job[] = [];
      await startWorkers(async (taken) => void ran.push(taken));
      await vi.waitFor(() => expect(ran).toEqual([job]), WAIT);
      expect(contexts.at(-1)).toMatchObject({ attemptsMade: 0 });
    });

    it('closes in bounded time while the server is away', async () => {
      await queue.enqueue([newJob()]);
      const workers = await startWorkers((_job, context) => untilAborted(context));
      await untilTried(1);
      await sut.network.cut();
      const startedAt = performance.now();
      await workers.close(0);
      expect(performance.now() - startedAt).toBeLessThan(8_000);
      await sut.network.mend();
    });

    it('takes jobs again by itself after the server was away', async () => {
      const job = newJob();
      const ran: Job[] = [];
      await startWorkers(async (taken) => void ran.push(taken));
      await sut.network.cut();
      await vi.waitFor(() => expect(log.of('worker_connection_failed').length).toBeGreaterThan(0), WAIT);
      await sut.network.mend();
      await vi.waitFor(() => queue.enqueue([job]), WAIT);
      await vi.waitFor(() => expect(ran).toEqual([job]), WAIT);
    });

    it('refuses to start unless every job has exactly one handler', async () => {
      const parts = { backend: sut.backend, config, log, onFailed: () => undefined };
      const handlers = { 'diagnose-incident': doNothing } as never;
      await expect(new JobWorkers({ ...parts, handlers }).start()).rejects.toThrow(/Without one: expand-run/);
      const more = { ...handlersOf(doNothing), 'make-tea': doNothing };
      await expect(new JobWorkers({ ...parts, handlers: more }).start()).rejects.toThrow(
        /Of no job: make-tea/,
      );
    });
  });
}
