import type { Config } from '@app/config';
import type { GithubAppRepository, Log } from '@app/domain';
import { AppInForce, GithubClients } from '@app/github';
import { createSecretBox, type GithubConnections } from '@app/persistence';
import { SystemClock } from '@app/telemetry';
import { ok, warning, type Check, type Finding } from '../check.js';
import type { Looked } from '../looked.js';
import { appChecks } from './app-checks.js';
import { tokenChecks } from './token-checks.js';

/** GitHub: the App and the token, what each may do against what is needed, and the webhook's secret. */
export function githubPart(config: Config, log: Log, { database }: Looked): Check[] {
  const { github } = config;
  const connections = (): GithubConnections | null => database()?.github ?? null;
  const app = async () => (await inForce(config, log, connections()).credentials()).app;
  const clients = new GithubClients({
    options: { ...github, retryBaseMs: 200 },
    credentials: async () => ({ app: await app(), token: github.token }),
    cache: null,
    log,
  });
  return [
    ...appChecks(config, clients, app),
    ...tokenChecks(config, clients, app, () => connections()?.latestRepository ?? null),
    {
      name: 'GitHub: webhook secret',
      run: async () => {
        const { length } = await inForce(config, log, connections()).webhookSecrets();
        return webhookSecret(length, connections());
      },
    },
  ];
}

/** The App as the product would find it, from what was read of the database. */
function inForce(config: Config, log: Log, connections: GithubConnections | null): AppInForce {
  const apps: Pick<GithubAppRepository, 'find'> = {
    find: async (host) => connections?.apps.find((one) => one.host === host) ?? null,
  };
  return new AppInForce(config.github, { apps, box: createSecretBox(config), clock: new SystemClock(), log });
}

function webhookSecret(count: number, connections: GithubConnections | null): Finding {
  const own = connections?.projectsWithSecret ?? 0;
  if (count > 0) return ok(count === 1 ? 'set' : `set; ${count} are accepted`);
  if (own > 0) return ok(`${own} projects have one of their own; no other deliveries are taken`);
  return warning(
    'webhook_secret_missing',
    'there is none: no deliveries are taken',
    'Set GITHUB_WEBHOOK_SECRET to the secret of your GitHub webhook (openssl rand -hex 32 makes one), or have GitHub make an App: npm run cli -- github setup.',
  );
}
