import { randomUUID } from 'node:crypto';
import { Global, Inject, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, inject, it, vi } from 'vitest';
import { CacheModule } from '@app/cache';
import { loadConfig } from '@app/config';
import { Cache, JobQueue, Lock, Log, type Job } from '@app/domain';
import { JobWorkers, QUEUE_BACKEND, queueBackend, QueueModule, type QueueBackend } from '@app/queue';
import { Metrics } from '@app/telemetry';
import { RecordingLog } from '../fakes/recording-log.js';
import { handlersOf } from '../support/job-handlers.js';

const log = new RecordingLog();
const config = loadConfig({
  // A busy machine is no reason to give a cache up.
  CACHE_OPERATION_DEADLINE_MS: '5000',
  REDIS_URL: inject('redisUrl'),
  CACHE_PREFIX: `test-${randomUUID()}`,
});

@Global()
@Module({
  providers: [
    { provide: Log, useValue: log },
    { provide: Metrics, useValue: new Metrics() },
  ],
  exports: [Log, Metrics],
})
class TelemetryModule {}

/** As a worker process does it: the workers end in `onModuleDestroy`. */
@Injectable()
class Workers implements OnModuleDestroy {
  readonly began = Promise.withResolvers<void>();
  readonly release = Promise.withResolvers<void>();
  readonly outcome: unknown[] = [];
  private readonly workers: JobWorkers;

  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    private readonly cache: Cache,
    private readonly lock: Lock,
  ) {
    const handler = (job: Job): Promise<void> => this.handle(job);
    const handlers = handlersOf(handler);
    this.workers = new JobWorkers({
      backend,
      config,
      handlers,
      log,
      onFailed: (record) => void this.outcome.push(record),
    });
  }

  start(): Promise<void> {
    return this.workers.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.release.resolve();
    await this.workers.close(5_000);
  }

  private async handle(job: Job): Promise<void> {
    this.began.resolve();
    await this.release.promise;
    const key = { operation: 'project', scope: 'p', id: 'analysis' } as const;
    await this.cache.set(key, job.sequence);
    this.outcome.push(await this.cache.get(key), (await this.lock.tryAcquire('l', 1_000)) !== null);
    await this.cache.clear();
  }
}

describe('shutting down a Nest application', () => {
  it('lets the running job use cache and lock to its end, and then leaves no connection', async () => {
    const backend = {
      useFactory: () => queueBackend(config, () => Promise.reject(new Error('Redis serves'))),
    };
    const app = await Test.createTestingModule({
      imports: [TelemetryModule, CacheModule.forRoot(config), QueueModule.forRootAsync(config, backend)],
      providers: [Workers],
    }).compile();
    await app.init();
    const workers = app.get(Workers);
    const cache = app.get(Cache);
    await vi.waitFor(async () => expect(await cache.ping()).toMatchObject({ ok: true }), { timeout: 10_000 });
    await vi.waitFor(() => app.get(Lock).tryAcquire(randomUUID(), 1), { timeout: 10_000 });
    await app.get(JobQueue).enqueue([{ name: 'diagnose-incident', incidentId: randomUUID(), sequence: 7 }]);
    await workers.start();
    await workers.began.promise;

    // A connection that took long to come is none of the end's.
    const logged = log.entries.length;
    await app.close();

    expect(workers.outcome).toEqual([7, true]);
    expect(cache.stats()).toMatchObject({ redisConnected: false, errors: 0 });
    expect(await app.get(JobQueue).ping()).toMatchObject({ ok: false });
    const ending = log.entries.slice(logged);
    expect(ending.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('TCPSocketWrap'), {
      timeout: 10_000,
    });
  });
});
