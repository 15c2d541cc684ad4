import type { Config } from '@app/config';
import { Cache, CiActions, CiProvider, JobBaselines, Log, MissedDeliveries } from '@app/domain';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { credentialsOf, fixedCredentials } from './client/credentials.js';
import { GithubApi } from './client/github-api.js';
import { GithubClients } from './client/github-clients.js';
import { createCiActions } from './create-ci-actions.js';
import { CachedJobBaselines } from './cached-job-baselines.js';
import { createCiProvider } from './create-ci-provider.js';
import { AppDeliveries } from './webhooks/app-deliveries.js';

/** Provides CiProvider and CiActions, and GithubApi with its clients for whoever calls more of GitHub, everywhere. Cache and Log must be provided globally. */
@Global()
@Module({})
export class GithubModule {
  static forRoot(config: Pick<Config, 'github'>): DynamicModule {
    return {
      module: GithubModule,
      providers: [
        {
          provide: GithubClients,
          inject: [Cache, Log],
          useFactory: (cache: Cache, log: Log) =>
            new GithubClients({
              options: config.github,
              credentials: fixedCredentials(credentialsOf(config.github)),
              cache,
              log,
            }),
        },
        {
          provide: GithubApi,
          inject: [GithubClients, Cache],
          useFactory: (clients: GithubClients, cache: Cache) =>
            new GithubApi(config.github.apiUrl, clients, cache),
        },
        {
          provide: MissedDeliveries,
          inject: [GithubClients],
          useFactory: (clients: GithubClients) => new AppDeliveries(clients),
        },
        {
          provide: CiProvider,
          inject: [GithubApi, Cache, Log],
          useFactory: (api: GithubApi, cache: Cache, log: Log) => createCiProvider(config, api, cache, log),
        },
        { provide: CiActions, inject: [GithubApi], useFactory: (api: GithubApi) => createCiActions(api) },
        {
          provide: JobBaselines,
          inject: [CiProvider, Cache, Log],
          useFactory: (ci: CiProvider, cache: Cache, log: Log) => new CachedJobBaselines(ci, cache, log),
        },
      ],
      exports: [GithubClients, GithubApi, CiProvider, CiActions, JobBaselines, MissedDeliveries],
    };
  }
}
