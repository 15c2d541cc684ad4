import { createHash, randomBytes } from 'node:crypto';
import { ExternalFailure, type Clock, type GithubAppSetup, type Log, type SecretBox } from '@app/domain';
import type { GithubClients } from '../client/github-clients.js';
import { appHostOf, webAddressOf } from './addresses.js';
import { appSecretContext, type AppInForce } from './app-in-force.js';
import { appManifest, type AppManifest } from './app-manifest.js';
import {
  hashOfSecret,
  type AppSetupConfig,
  type AppSetupLinks,
  type AppSetupStores,
} from './app-setup-links.js';
import { convertManifest, type ConvertedApp } from './convert-manifest.js';
import type { AccessUse } from './needed-access.js';
import {
  GithubAppConfigured,
  GithubAppNotKept,
  SetupInOtherBrowser,
  SetupLinkExpired,
  SetupLinkUnknown,
  SetupLinkUsed,
} from './setup-errors.js';

/** From opening the link to GitHub's answer; GitHub's own code is good for as long. */
const OPENED_LIFETIME_MS = 3_600_000;
const BROWSER_BYTES = 32;

/** A link as the browser that opened it sees it. */
export interface OpenedSetup {
  /** What the browser proves itself with from now on: a cookie. */
  readonly browser: string;
  /** Goes to GitHub and comes back with its answer. */
  readonly state: string;
  /** GitHub's web pages: `https://github.com`. */
  readonly webUrl: string;
  /** The manifest to hand over. */
  manifest(use: AccessUse): AppManifest;
}

export interface CreatedApp {
  readonly slug: string;
  /** Where it is installed on repositories. */
  readonly installUrl: string;
  readonly hasWebhook: boolean;
}

export interface SetUpTools {
  readonly stores: AppSetupStores;
  readonly links: AppSetupLinks;
  readonly clients: GithubClients;
  readonly inForce: AppInForce;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Has GitHub make the product's App from a manifest. The link leads a browser to GitHub with a state; GitHub sends it back
 * with that state and a code, which is exchanged for the App with its secrets, once.
 */
export class SetUpGithubApp {
  constructor(
    private readonly tools: SetUpTools,
    private readonly config: AppSetupConfig,
  ) {}

  /**
   * @param browser what this browser was given before; null: nothing
   * @throws SetupLinkUnknown, SetupLinkExpired, SetupLinkUsed, SetupInOtherBrowser, and as AppSetupLinks.begin
   */
  async open(ticket: string, browser: string | null): Promise<OpenedSetup> {
    const { stores, links, clock } = this.tools;
    const setup = this.living(await stores.setups.findByTicket(hashOfSecret(ticket)));
    const publicUrl = await links.assertPossible();
    const mine = browser ?? randomBytes(BROWSER_BYTES).toString('base64url');
    // The page may be loaded again: link and browser together always give the same state.
    const state = createHash('sha256').update(`${ticket}.${mine}`).digest('base64url');
    const browserHash = hashOfSecret(mine);
    const expiresAt = new Date(clock.now().getTime() + OPENED_LIFETIME_MS);
    const bound =
      setup.browserHash === null
        ? await stores.setups.bind(setup.id, { browserHash, stateHash: hashOfSecret(state), expiresAt })
        : setup.browserHash === browserHash;
    if (!bound) throw new SetupInOtherBrowser();
    const { apiUrl } = this.config.github;
    const suffix = setup.ticketHash.slice(0, 6);
    return {
      browser: mine,
      state,
      webUrl: webAddressOf(apiUrl),
      manifest: (use) => appManifest({ apiUrl, publicUrl, suffix, use }),
    };
  }

  /**
   * Takes GitHub's answer. When GitHub can't be reached it may be tried again; whatever else goes wrong ends the set-up.
   * @throws SetupLinkUnknown, SetupLinkExpired, SetupLinkUsed, SetupInOtherBrowser, AppCodeRefused, GithubAppNotKept,
   * and as AppSetupLinks.begin
   * @throws ExternalFailure
   */
  async finish(answer: { state: string; code: string; browser: string | null }): Promise<CreatedApp> {
    const { stores, links, clock, clients, inForce, log } = this.tools;
    const setup = this.living(await stores.setups.findByState(hashOfSecret(answer.state)));
    if (answer.browser === null || setup.browserHash !== hashOfSecret(answer.browser))
      throw new SetupInOtherBrowser();
    await links.assertPossible();
    if (!(await stores.setups.claim(setup.id, clock.now()))) throw new SetupLinkUsed();
    const made = await convertManifest(clients, answer.code).catch(async (error: unknown) => {
      if (error instanceof ExternalFailure) await stores.setups.release(setup.id);
      throw error;
    });
    await this.keep(made, setup.createdBy);
    log.info({ appId: made.id, slug: made.slug, createdBy: setup.createdBy }, 'github_app_set_up');
    await inForce.refresh();
    return {
      slug: made.slug,
      installUrl: `${webAddressOf(this.config.github.apiUrl)}/apps/${made.slug}/installations/new`,
      hasWebhook: Boolean(made.webhook_secret),
    };
  }

  private async keep(made: ConvertedApp, createdBy: string): Promise<void> {
    const { stores, box, clock } = this.tools;
    const host = appHostOf(this.config.github.apiUrl);
    const seal = (secret: string, column: Parameters<typeof appSecretContext>[1]): string =>
      box.seal(secret, appSecretContext(host, column));
    try {
      const added = await stores.apps.add({
        host,
        appId: made.id,
        slug: made.slug,
        clientId: made.client_id,
        url: made.html_url,
        owner: made.owner.login ?? null,
        privateKeySealed: seal(made.pem, 'private_key_sealed'),
        clientSecretSealed: seal(made.client_secret, 'client_secret_sealed'),
        webhookSecretSealed: made.webhook_secret ? seal(made.webhook_secret, 'webhook_secret_sealed') : null,
        createdAt: clock.now(),
        createdBy,
      });
      if (!added) throw new GithubAppConfigured('of another set-up');
    } catch (cause) {
      throw new GithubAppNotKept(made.slug, made.html_url, { cause });
    }
  }

  /** @throws SetupLinkUnknown, SetupLinkExpired, SetupLinkUsed */
  private living(setup: GithubAppSetup | null): GithubAppSetup {
    if (!setup) throw new SetupLinkUnknown();
    if (setup.usedAt !== null) throw new SetupLinkUsed();
    if (setup.expiresAt <= this.tools.clock.now()) throw new SetupLinkExpired(setup.expiresAt);
    return setup;
  }
}
