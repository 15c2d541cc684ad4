import { createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { AppDeliveriesState } from './app-deliveries-state.js';

export interface InstallationSeed {
  readonly id: number;
  readonly account: string;
  /** Names of the account's repositories that the installation covers; default all. */
  readonly repositories?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly suspended?: boolean;
}

export interface AppSeed {
  readonly id: number;
  readonly slug?: string;
  /** PEM; a JWT signed by another key is refused. */
  readonly publicKey: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events?: readonly string[];
  readonly installations: readonly InstallationSeed[];
}

/** What a person submits at GitHub to have an App made. */
export interface ManifestSeed {
  readonly name: string;
  readonly redirect_url: string;
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly default_events?: readonly string[];
  readonly hook_attributes?: { readonly url: string };
}

/** An App that a manifest led to, with the secrets that are given out once. */
export interface MadeApp {
  readonly app: AppSeed;
  readonly owner: string;
  readonly privateKey: string;
  readonly clientSecret: string;
  readonly webhookSecret: string | null;
}

/** GitHub Apps on the stand-in: one App with its installations, the tokens they were given, and manifests in waiting. */
export class AppState {
  /** Null: the API takes any token, or none. */
  app: AppSeed | null = null;
  /** How long an installation's token is good for. */
  tokenLifetimeMs = 3_600_000;
  /** What the App was made into by a manifest, until its code is exchanged. */
  readonly manifests = new Map<string, MadeApp>();
  readonly deliveries = new AppDeliveriesState();
  private readonly tokens = new Map<string, { installationId: number; expiresAt: number }>();

  /** Makes the App of a manifest, the only one there is then. Answers the code it is exchanged for. */
  make(manifest: ManifestSeed, owner: string): string {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const hook = manifest.hook_attributes;
    const webhookSecret = hook ? randomBytes(20).toString('hex') : null;
    const app = {
      id: 1_000_000 + this.manifests.size,
      slug: manifest.name.toLowerCase(),
      publicKey,
      permissions: manifest.default_permissions,
      events: manifest.default_events ?? [],
      installations: [],
    };
    this.app = app;
    this.deliveries.hook = hook ? { url: hook.url, secret: webhookSecret! } : null;
    const code = randomBytes(20).toString('hex');
    const clientSecret = randomBytes(20).toString('hex');
    this.manifests.set(code, { app, owner, privateKey, clientSecret, webhookSecret });
    return code;
  }

  installation(id: number): InstallationSeed | undefined {
    return this.app?.installations.find((one) => one.id === id);
  }

  /** @param fullName `owner/name` */
  installationOf(fullName: string): InstallationSeed | undefined {
    const [owner = '', name = ''] = fullName.toLowerCase().split('/');
    return this.app?.installations.find(
      ({ account, repositories }) =>
        account.toLowerCase() === owner &&
        (repositories === undefined || repositories.some((one) => one.toLowerCase() === name)),
    );
  }

  issueToken(installationId: number): { token: string; expiresAt: Date } {
    const token = `ghs_${randomBytes(18).toString('hex')}`;
    const expiresAt = Date.now() + this.tokenLifetimeMs;
    this.tokens.set(token, { installationId, expiresAt });
    return { token, expiresAt: new Date(expiresAt) };
  }

  /** The installation a living token belongs to. */
  installationByToken(token: string): InstallationSeed | undefined {
    const issued = this.tokens.get(token);
    return issued && issued.expiresAt > Date.now() ? this.installation(issued.installationId) : undefined;
  }

  /** Ends every token that was issued, as a revocation does. */
  endTokens(): void {
    this.tokens.clear();
  }

  /** Whether this is a JWT of the App, signed with its key and not yet run out. */
  isAppToken(jwt: string): boolean {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    if (!this.app || signature === '') return false;
    const signed = createVerify('RSA-SHA256').update(`${header}.${payload}`);
    if (!signed.verify(this.app.publicKey, signature, 'base64url')) return false;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number; iss: unknown };
    return claims.exp * 1_000 > Date.now() && String(claims.iss) === String(this.app.id);
  }
}
