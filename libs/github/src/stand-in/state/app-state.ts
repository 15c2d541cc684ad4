import { createVerify, randomBytes } from 'node:crypto';

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

/** GitHub Apps on the stand-in: one App with its installations, the tokens they were given, and manifests in waiting. */
export class AppState {
  /** Null: the API takes any token, or none. */
  app: AppSeed | null = null;
  /** How long an installation's token is good for. */
  tokenLifetimeMs = 3_600_000;
  /** What a manifest's code is exchanged for. */
  readonly manifests = new Map<string, Readonly<Record<string, unknown>>>();
  private readonly tokens = new Map<string, { installationId: number; expiresAt: number }>();

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
