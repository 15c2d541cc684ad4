import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Config } from '@app/config';
import type { Clock, GithubAppRepository, GithubAppSetupRepository, SecretBox } from '@app/domain';
import { APP_SETUP_PATH, appHostOf } from './addresses.js';
import { GithubAppConfigured, PublicUrlMissing } from './setup-errors.js';

/** How long a link may be opened. */
const LINK_LIFETIME_MS = 15 * 60_000;
/** An ended set-up is remembered this long, so that a late visitor is told what happened to it. */
const REMEMBERED_MS = 24 * 3_600_000;
const TICKET_BYTES = 32;

/** What setting up an App needs of the configuration. */
export interface AppSetupConfig {
  readonly http: Pick<Config['http'], 'publicUrl'>;
  readonly github: Pick<Config['github'], 'apiUrl' | 'app'>;
}

export interface AppSetupStores {
  readonly apps: GithubAppRepository;
  readonly setups: GithubAppSetupRepository;
}

export interface AppSetupLink {
  /** Good for one browser, until it ends. It is shown once. */
  readonly url: string;
  readonly expiresAt: Date;
}

/**
 * Begins set-ups of a GitHub App. Browsers can't send an API key along, so an administrator is given a link that stands
 * in for it: unguessable, short-lived, for the first browser that opens it.
 */
export class AppSetupLinks {
  constructor(
    private readonly stores: AppSetupStores,
    private readonly box: SecretBox,
    private readonly clock: Clock,
    private readonly config: AppSetupConfig,
  ) {}

  /**
   * @param createdBy name of the API key, or `cli`
   * @throws PublicUrlMissing, GithubAppConfigured, SecretKeyMissing
   */
  async begin(createdBy: string): Promise<AppSetupLink> {
    const publicUrl = await this.assertPossible();
    const createdAt = this.clock.now();
    const ticket = randomBytes(TICKET_BYTES).toString('base64url');
    const expiresAt = new Date(createdAt.getTime() + LINK_LIFETIME_MS);
    await this.stores.setups.add(
      {
        id: randomUUID(),
        ticketHash: hashOfSecret(ticket),
        browserHash: null,
        stateHash: null,
        createdBy,
        createdAt,
        expiresAt,
        usedAt: null,
      },
      new Date(createdAt.getTime() - REMEMBERED_MS),
    );
    return { url: `${publicUrl}${APP_SETUP_PATH}/${ticket}`, expiresAt };
  }

  /**
   * That an App can be set up: what it is given could be used and kept. Answers the public address.
   * @throws PublicUrlMissing, GithubAppConfigured, SecretKeyMissing
   */
  async assertPossible(): Promise<string> {
    const { http, github } = this.config;
    if (http.publicUrl === null) throw new PublicUrlMissing();
    if (github.app) throw new GithubAppConfigured(null);
    const stored = await this.stores.apps.find(appHostOf(github.apiUrl));
    if (stored) throw new GithubAppConfigured(stored.slug);
    this.box.seal('', 'trial');
    return http.publicUrl;
  }
}

/** How links, states and browsers are kept: what is in the database opens nothing. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
