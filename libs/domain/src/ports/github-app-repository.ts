/** A GitHub App that was made from the product's manifest, with its secrets sealed. */
export interface StoredGithubApp {
  /** The API it was made at: `api.github.com`, or a GitHub Enterprise server's host. One App each. */
  readonly host: string;
  readonly appId: number;
  /** The name in the App's address. */
  readonly slug: string;
  readonly clientId: string;
  /** The App's page at GitHub. */
  readonly url: string;
  /** The account it belongs to; null when GitHub didn't say. */
  readonly owner: string | null;
  /** PEM. */
  readonly privateKeySealed: string;
  readonly clientSecretSealed: string;
  /** Null: the App has no webhook. */
  readonly webhookSecretSealed: string | null;
  readonly createdAt: Date;
  /** Name of the API key, or `cli`, that asked for the set-up. */
  readonly createdBy: string;
}

export abstract class GithubAppRepository {
  abstract find(host: string): Promise<StoredGithubApp | null>;
  /** False when there is one for this host already, which stays. */
  abstract add(app: StoredGithubApp): Promise<boolean>;
  /** False when there is none. */
  abstract remove(host: string): Promise<boolean>;
}

/** A set-up on its way: a one-time link, then a state that comes back from GitHub. Only hashes are kept. */
export interface GithubAppSetup {
  readonly id: string;
  readonly ticketHash: string;
  /** Of the browser that opened the link; null until one did. */
  readonly browserHash: string | null;
  readonly stateHash: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When GitHub's answer to it was taken; null: it wasn't. */
  readonly usedAt: Date | null;
}

export abstract class GithubAppSetupRepository {
  /** Adds one, and forgets those that ended before `forgetBefore`. */
  abstract add(setup: GithubAppSetup, forgetBefore: Date): Promise<void>;
  abstract findByTicket(ticketHash: string): Promise<GithubAppSetup | null>;
  abstract findByState(stateHash: string): Promise<GithubAppSetup | null>;
  /** Gives it to the first browser that opens it, until `expiresAt`. False when another one has it. */
  abstract bind(
    id: string,
    to: { readonly browserHash: string; readonly stateHash: string; readonly expiresAt: Date },
  ): Promise<boolean>;
  /** Takes it for use, once. False when it is used. */
  abstract claim(id: string, now: Date): Promise<boolean>;
  /** Gives it back: what it was claimed for did not happen. */
  abstract release(id: string): Promise<void>;
  /** Whether any waits to be opened or used. */
  abstract isAnyOpen(now: Date): Promise<boolean>;
}
