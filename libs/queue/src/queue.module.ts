import {
  Global,
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type FactoryProvider,
} from '@nestjs/common';
import type { Config } from '@app/config';
import { JobQueue, Log } from '@app/domain';
import { BullJobQueue } from './bull-job-queue.js';
import type { QueueBackend } from './queue-backend.js';

/** Injection token of the backend, for whoever starts workers (`QueueBackend` is a type). */
export const QUEUE_BACKEND = Symbol('QUEUE_BACKEND');

/** Provides JobQueue and QUEUE_BACKEND everywhere. Log must be provided globally. */
@Global()
@Module({})
export class QueueModule implements BeforeApplicationShutdown {
  constructor(@Inject(JobQueue) private readonly queue: BullJobQueue) {}

  /** @param backend what makes the backend, with what it injects (the pool of the embedded database, say) */
  static forRootAsync(
    config: Pick<Config, 'queue'>,
    backend: Pick<FactoryProvider<QueueBackend>, 'useFactory' | 'inject'> & Pick<DynamicModule, 'imports'>,
  ): DynamicModule {
    return {
      module: QueueModule,
      imports: backend.imports ?? [],
      providers: [
        { provide: QUEUE_BACKEND, inject: backend.inject ?? [], useFactory: backend.useFactory },
        {
          provide: JobQueue,
          inject: [QUEUE_BACKEND, Log],
          useFactory: (made: QueueBackend, log: Log) => BullJobQueue.create(made, config, log),
        },
      ],
      exports: [JobQueue, QUEUE_BACKEND],
    };
  }

  /** After the workers, which close in `onModuleDestroy`, and before the pool that was handed in is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.queue.close();
  }
}
