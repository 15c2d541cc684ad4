import type { Config } from '@app/config';
import {
  Cache,
  CiActions,
  CiProvider,
  Clock,
  GithubAppRepository,
  GithubAppSetupRepository,
  JobBaselines,
  Log,
  MissedDeliveries,
  SecretBox,
} from '@app/domain';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AppInForce } from './app/app-in-force.js';
import { AppSetupLinks } from './app/app-setup-links.js';
import { SetUpGithubApp } from './app/set-up-github-app.js';
import { GithubApi } from './client/github-api.js';
import { GithubClients } from './client/github-clients.js';
import { createCiActions } from './create-ci-actions.js';
import { CachedJobBaselines } from './cached-job-baselines.js';
import { createCiProvider } from './create-ci-provider.js';
import { AppDeliveries } from './webhooks/app-deliveries.js';

/** Provides CiProvider and CiActions, and GithubApi with its clients for whoever calls more of GitHub, everywhere. Cache, Log, Clock, SecretBox and persistence must be provided globally. */
@Global()
@Module({})
export class GithubModule {
  static forRoot(config: Pick<Config, 'github' | 'http'>): DynamicModule {
    return {
      module: GithubModule,
      providers: [
        {
          provide: AppInForce,
          inject: [GithubAppRepository, SecretBox, Clock, Log],
          useFactory: (apps: GithubAppRepository, box: SecretBox, clock: Clock, log: Log) =>
            new AppInForce(config.github, { apps, box, clock, log }),
        },
        {
          provide: AppSetupLinks,
          inject: [GithubAppRepository, GithubAppSetupRepository, SecretBox, Clock],
          useFactory: (
            apps: GithubAppRepository,
            setups: GithubAppSetupRepository,
            box: SecretBox,
            clock: Clock,
          ) => new AppSetupLinks({ apps, setups }, box, clock, config),
        },
        {
          provide: SetUpGithubApp,
          inject: [
            GithubAppRepository,
            GithubAppSetupRepository,
            AppSetupLinks,
            GithubClients,
            AppInForce,
            SecretBox,
            Clock,
            Log,
          ],
          useFactory: (
            apps: GithubAppRepository,
            setups: GithubAppSetupRepository,
            links: AppSetupLinks,
            clients: GithubClients,
            inForce: AppInForce,
            box: SecretBox,
            clock: Clock,
            log: Log,
          ) =>
            new SetUpGithubApp(
              { stores: { apps, setups }, links, clients, inForce, box, clock, log },
              config,
            ),
        },
        {
          provide: GithubClients,
          inject: [AppInForce, Cache, Log],
          useFactory: (inForce: AppInForce, cache: Cache, log: Log) =>
            new GithubClients({
              options: config.github,
              credentials: () => inForce.credentials(),
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
      exports: [
        AppInForce,
        AppSetupLinks,
        SetUpGithubApp,
        GithubClients,
        GithubApi,
        CiProvider,
        CiActions,
        JobBaselines,
        MissedDeliveries,
      ],
    };
  }
}
