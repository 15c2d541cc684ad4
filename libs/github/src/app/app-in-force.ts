import type { Config } from '@app/config';
import {
  sealedContext,
  type Clock,
  type GithubAppRepository,
  type Log,
  type SecretBox,
  type StoredGithubApp,
} from '@app/domain';
import type { AppCredentials, GithubCredentials } from '../client/credentials.js';
import { appHostOf } from './addresses.js';

/** How soon each process knows of an App that another one set up or removed. */
const FRESH_MS = 10_000;
/** A signature that nothing vouches for makes the database be asked this often at most. */
const ANEW_AFTER_MS = 1_000;

interface OpenedApp extends AppCredentials {
  readonly webhookSecret: string | null;
}

export interface AppInForceTools {
  readonly apps: Pick<GithubAppRepository, 'find'>;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The GitHub App that the product signs in with: that of the environment, else the one that was set up from the
 * manifest, which is known in every process some seconds later, without a restart.
 */
export class AppInForce {
  private known: { readonly app: OpenedApp | null; readonly readAt: number } | null = null;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly github: Pick<Config['github'], 'apiUrl' | 'app' | 'token' | 'webhookSecrets'>,
    private readonly tools: AppInForceTools,
  ) {}

  /** What to sign in with now. @throws ExternalFailure `database_away` before anything was read */
  async credentials(): Promise<GithubCredentials> {
    const { app, token } = this.github;
    if (app) return { app: { ...app, slug: null }, token };
    return { app: await this.stored(), token };
  }

  /** The secrets that vouch for any repository's deliveries: the environment's, and that of the App that was set up. */
  async webhookSecrets(): Promise<readonly string[]> {
    const stored = this.github.app ? null : await this.stored();
    const own = stored?.webhookSecret ?? null;
    return own === null ? this.github.webhookSecrets : [...this.github.webhookSecrets, own];
  }

  /** Looks again, for a delivery that no known secret vouches for: the App may be seconds old. */
  async webhookSecretsAnew(): Promise<readonly string[]> {
    if (!this.github.app && this.ageMs() > ANEW_AFTER_MS) await this.refresh();
    return this.webhookSecrets();
  }

  /** Reads the App that was set up. @throws ExternalFailure `database_away` */
  refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = null));
    return this.reading;
  }

  private async stored(): Promise<OpenedApp | null> {
    if (this.known === null) await this.refresh();
    else if (this.ageMs() > FRESH_MS)
      // Nobody waits for it, and what is known serves until it is back.
      this.refresh().catch((error: unknown) =>
        this.tools.log.warn({ error: String(error) }, 'github_app_not_read'),
      );
    return this.known!.app;
  }

  private ageMs(): number {
    return this.known === null ? Infinity : this.tools.clock.now().getTime() - this.known.readAt;
  }

  private async read(): Promise<void> {
    const readAt = this.tools.clock.now().getTime();
    const stored = await this.tools.apps.find(appHostOf(this.github.apiUrl));
    this.known = { app: stored && openedApp(stored, this.tools.box), readAt };
  }
}

/** @throws SecretUnreadable */
function openedApp(app: StoredGithubApp, box: SecretBox): OpenedApp {
  const { host, webhookSecretSealed: hook } = app;
  return {
    id: app.appId,
    slug: app.slug,
    privateKey: box.open(app.privateKeySealed, appSecretContext(host, 'private_key_sealed')),
    webhookSecret: hook === null ? null : box.open(hook, appSecretContext(host, 'webhook_secret_sealed')),
  };
}

/** What a secret of the App on `host` is sealed for. */
export function appSecretContext(
  host: string,
  column: 'private_key_sealed' | 'client_secret_sealed' | 'webhook_secret_sealed',
): string {
  return sealedContext('github_apps', column, host);
}
