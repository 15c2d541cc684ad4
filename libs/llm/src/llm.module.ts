import type { Config } from '@app/config';
import { Cache, Clock, Embedder, LanguageModel, Log, UsageLedger } from '@app/domain';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { createEmbedder } from './embeddings/create-embedder.js';
import { createLanguageModel } from './language-model-stack.js';

/** Provides LanguageModel and Embedder everywhere. Cache, UsageLedger, Clock and Log must be provided globally. */
@Global()
@Module({})
export class LlmModule {
  static forRoot(config: Pick<Config, 'llm'>): DynamicModule {
    return {
      module: LlmModule,
      providers: [
        {
          provide: LanguageModel,
          inject: [Cache, UsageLedger, Clock, Log],
          useFactory: (cache: Cache, ledger: UsageLedger, clock: Clock, log: Log) =>
            createLanguageModel(config, { cache, ledger, clock, log }),
        },
        { provide: Embedder, inject: [Cache], useFactory: (cache: Cache) => createEmbedder(cache) },
      ],
      exports: [LanguageModel, Embedder],
    };
  }
}
