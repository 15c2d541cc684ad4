import { CacheModule } from '@app/cache';
import type { Config } from '@app/config';
import { Cache, Clock, Embedder, JobQueue, LanguageModel, Log } from '@app/domain';
import { GithubModule } from '@app/github';
import { LlmModule } from '@app/llm';
import {
  DatabaseHealth,
  PERSISTENCE,
  PersistenceModule,
  SecretsModule,
  type Persistence,
} from '@app/persistence';
import { QUEUE_POOL_OPTIONS, QueueModule, queueBackend } from '@app/queue';
import { Metrics, SystemClock } from '@app/telemetry';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { HealthChecks, type HealthPart } from './health-checks.js';
import { assertEmbeddingsFit } from './embeddings-fit.js';
import { ChatModule } from './chat.module.js';
import { KnowledgeModule } from './knowledge.module.js';
import { PipelineModule } from './pipeline.module.js';
import { CONFIG } from './tokens.js';
import { WarmCacheModule } from './warm-cache.module.js';

const EMBEDDINGS_FIT = Symbol('EMBEDDINGS_FIT');

export interface CoreTools {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
}

@Global()
@Module({})
class BaseModule {
  static of({ config, log, metrics }: CoreTools): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: Log, useValue: log },
      { provide: Metrics, useValue: metrics },
      { provide: Clock, useClass: SystemClock },
    ];
    return { module: BaseModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

/**
 * Binds every port to the adapter that the configuration chooses, and builds the use cases over them: what each process
 * of the product imports once, beside its own module.
 */
@Global()
@Module({})
export class CoreModule {
  static forRoot(tools: CoreTools): DynamicModule {
    const { config } = tools;
    return {
      module: CoreModule,
      imports: [
        BaseModule.of(tools),
        PersistenceModule.forRoot(config),
        SecretsModule.forRoot(config),
        CacheModule.forRoot(config),
        QueueModule.forRootAsync(config, {
          inject: [PERSISTENCE],
          useFactory: ({ createPool }: Persistence) =>
            queueBackend(config, () => createPool(QUEUE_POOL_OPTIONS)),
        }),
        GithubModule.forRoot(config),
        LlmModule.forRoot(config),
        KnowledgeModule,
        ChatModule,
        PipelineModule,
        WarmCacheModule,
      ],
      providers: [
        {
          // Made at start like every provider, and by nobody asked for: a start that throws is all of it.
          provide: EMBEDDINGS_FIT,
          inject: [Embedder, PERSISTENCE],
          useFactory: async (embedder: Embedder, { embeddings, passageIndex }: Persistence) => {
            await assertEmbeddingsFit(embedder, embeddings);
            await assertEmbeddingsFit(embedder, passageIndex);
          },
        },
        {
          provide: HealthChecks,
          inject: [DatabaseHealth, JobQueue, Cache, LanguageModel],
          useFactory: (database: DatabaseHealth, queue: JobQueue, cache: Cache, model: LanguageModel) =>
            new HealthChecks(healthParts(database, queue, cache, model)),
        },
      ],
      exports: [HealthChecks, PipelineModule, WarmCacheModule],
    };
  }
}

function healthParts(
  database: DatabaseHealth,
  queue: JobQueue,
  cache: Cache,
  model: LanguageModel,
): HealthPart[] {
  return [
    { name: 'database', essential: true, check: () => database.ping() },
    // Without these work is still taken, and done later, slower, or by rules.
    { name: 'queue', essential: false, check: () => queue.ping() },
    { name: 'cache', essential: false, check: () => cache.ping() },
    // Asking a provider costs money: what is said here is who would answer.
    {
      name: 'model',
      essential: false,
      check: async () => ({ ok: true, latencyMs: null, detail: await model.identity() }),
    },
  ];
}
