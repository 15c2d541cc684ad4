import type { Config } from '@app/config';
import { Cache, CiProvider, Log } from '@app/domain';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { createCiProvider } from './create-ci-provider.js';

/** Provides CiProvider everywhere. Cache and Log must be provided globally. */
@Global()
@Module({})
export class GithubModule {
  static forRoot(config: Pick<Config, 'github'>): DynamicModule {
    return {
      module: GithubModule,
      providers: [
        {
          provide: CiProvider,
          inject: [Cache, Log],
          useFactory: (cache: Cache, log: Log) => createCiProvider(config, cache, log),
        },
      ],
      exports: [CiProvider],
    };
  }
}
