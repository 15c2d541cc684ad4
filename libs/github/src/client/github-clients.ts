import { createHash } from 'node:crypto';
import { createAppAuth } from '@octokit/auth-app';
import { RequestError } from '@octokit/request-error';
import { LRUCache } from 'lru-cache';
import { ExternalFailure, repositoryName, type Cache, type Log, type RepositoryRef } from '@app/domain';
import type { AppCredentials, CredentialSource } from './credentials.js';
import {
  createGithubClient,
  type GithubClient,
  type GithubClientOptions,
  type GithubSignIn,
} from './github-client.js';
import { githubFailure } from './github-failure.js';
import { RateLimitGate } from './rate-limit-gate.js';

/** How long it is remembered where the App is installed, and that it is not. */
const INSTALLATION_TTL_MS = 3_600_000;
const NOT_INSTALLED_TTL_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export interface GithubClientsTools {
  readonly options: GithubClientOptions;
  readonly credentials: CredentialSource;
  /** Where what is known of limits is shared; null: each process knows its own. */
  readonly cache: Cache | null;
  readonly log: Log;
}

/** One set of credentials. */
interface SignedIn {
  readonly octokit: GithubClient;
  /** For questions in GraphQL. */
  readonly questions: GithubClient;
}

/** Octokit, signed in as what reaches a repository. */
export interface RepositoryClient extends SignedIn {
  /** Whether it is somebody: GitHub answers GraphQL to nobody. */
  readonly isSignedIn: boolean;
  /** Forgets what the sign-in rests on: the installation and its token. False when there is nothing to forget. */
  forget(): boolean;
}

/**
 * Octokit clients, each with the credentials that reach a repository: the App's installation there, else the token, else
 * none. Tokens of installations live in this process's memory alone, until a minute before they run out.
 */
export class GithubClients {
  private readonly byName = new Map<string, SignedIn>();
  /** Installation by App and repository; null where the App is not installed. */
  private readonly installations = new LRUCache<string, Promise<number | null>>({ max: MAX_REMEMBERED });

  constructor(private readonly tools: GithubClientsTools) {}

  /** What the product signs in with now. */
  credentials(): ReturnType<CredentialSource> {
    return this.tools.credentials();
  }

  /** @throws ExternalFailure when no credentials lead there */
  async forRepository(repository: RepositoryRef): Promise<RepositoryClient> {
    const { app, token } = await this.tools.credentials();
    if (app === null) return this.lasting(token);
    const place = `${app.id} ${repositoryName(repository).toLowerCase()}`;
    const id = await this.installationOf(app, repository, place);
    if (id === null) {
      if (token !== null) return this.lasting(token);
      throw notInstalled(app, repository);
    }
    const name = installationName(app, id);
    const clients = this.clients(name, `github-${id}`, {
      authStrategy: createAppAuth,
      auth: { appId: app.id, privateKey: app.privateKey, installationId: id },
    });
    const forget = (): boolean => {
      this.byName.delete(name);
      return this.installations.delete(place);
    };
    return { ...clients, isSignedIn: true, forget };
  }

  /** Signed in as the App itself. */
  forApp(app: AppCredentials): GithubClient {
    const signIn = { authStrategy: createAppAuth, auth: { appId: app.id, privateKey: app.privateKey } };
    return this.clients(`app ${keyName(app)}`, `github-app-${app.id}`, signIn).octokit;
  }

  /** @param token null: nobody, who may read what is public */
  withToken(token: string | null): GithubClient {
    return this.lasting(token).octokit;
  }

  private lasting(token: string | null): RepositoryClient {
    const name = token === null ? 'nobody' : `token ${hash(token)}`;
    const clients = this.clients(name, 'github', { auth: token ?? undefined });
    return { ...clients, isSignedIn: token !== null, forget: () => false };
  }

  /** Asked once, however many ask at the same time; a failure is not remembered. */
  private installationOf(
    app: AppCredentials,
    repository: RepositoryRef,
    place: string,
  ): Promise<number | null> {
    const known = this.installations.get(place);
    if (known) return known;
    const asked = this.findInstallation(app, repository);
    this.installations.set(place, asked, { ttl: INSTALLATION_TTL_MS });
    asked.then(
      (id) => id === null && this.installations.set(place, asked, { ttl: NOT_INSTALLED_TTL_MS }),
      () => this.installations.delete(place),
    );
    return asked;
  }

  private async findInstallation(
    app: AppCredentials,
    { owner, name }: RepositoryRef,
  ): Promise<number | null> {
    try {
      const { data } = await this.forApp(app).rest.apps.getRepoInstallation({ owner, repo: name });
      return data.id;
    } catch (error) {
      if (error instanceof RequestError && error.status === 404) return null;
      throw githubFailure(error, `the GitHub App's installation on ${owner}/${name}`);
    }
  }

  private clients(name: string, limitName: string, signIn: GithubSignIn): SignedIn {
    const known = this.byName.get(name);
    if (known) return known;
    const { options, cache, log } = this.tools;
    const gates = RateLimitGate.pair(limitName, cache, log);
    const octokit = createGithubClient(name, 'core', options, signIn, gates, log);
    // One token of an installation for both.
    const same = signIn.authStrategy ? { authStrategy: () => octokit.auth } : signIn;
    const questions = createGithubClient(name, 'graphql', options, same, gates, log);
    const made = { octokit, questions };
    this.byName.set(name, made);
    return made;
  }
}

function installationName(app: AppCredentials, id: number): string {
  return `installation ${id} ${keyName(app)}`;
}

function keyName({ id, privateKey }: AppCredentials): string {
  return `${id} ${hash(privateKey)}`;
}

/** Tells secrets apart without keeping them in names. */
function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 16);
}

function notInstalled(app: AppCredentials, repository: RepositoryRef): ExternalFailure {
  const where =
    app.slug === null
      ? 'Install it'
      : `Install it at https://${repository.host}/apps/${app.slug}/installations/new`;
  return new ExternalFailure(
    `The GitHub App ${app.slug ?? app.id} is not installed on ${repositoryName(repository)}, or its installation was removed. ${where}, or give it access to that repository.`,
    { code: 'github_not_installed', retryable: false, facts: { repository: repositoryName(repository) } },
  );
}
