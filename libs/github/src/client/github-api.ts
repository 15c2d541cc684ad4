import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import type { z } from 'zod';
import { DomainError, ExternalFailure, repositoryName, type Cache, type RepositoryRef } from '@app/domain';
import { servedHostOf } from '../app/addresses.js';
import type { GithubClient } from './github-client.js';
import type { GithubClients, RepositoryClient } from './github-clients.js';
import { githubFailure, unavailable } from './github-failure.js';
import { answerKey, type GithubOperation, type KeptAnswer, Revalidation } from './revalidation.js';

/** Owner and name as Octokit's routes take them. */
export interface RepositoryTarget {
  readonly owner: string;
  readonly repo: string;
}

/** One GET of JSON below a repository. */
export interface GithubReading<Raw, T> {
  /** For people: `run 12`. */
  readonly what: string;
  /** `GET /repos/{owner}/{repo}/…` */
  readonly route: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly schema: z.ZodType<Raw>;
  readonly convert: (raw: Raw) => T;
  /** Where an answer that may change is kept, to be revalidated by its ETag. */
  readonly revalidate?: GithubOperation;
}

/** One question in GraphQL about a repository. The variables `owner` and `repo` are its own. */
export interface GithubQuery<T> {
  /** For people: `3 files at a1b2c3`. */
  readonly what: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly schema: z.ZodType<T>;
}

export interface GithubPage<T> {
  readonly value: T;
  readonly hasMore: boolean;
}

/** GitHub's REST API for reading: the right client, checked answers, ETags, one request in flight a URL. */
export class GithubApi {
  private readonly inFlight = new Map<string, Promise<GithubPage<unknown>>>();

  readonly url: URL;
  private readonly revalidation: Revalidation;

  /** @param cache keeps answers with their ETags; null: every question is answered in full */
  constructor(
    apiUrl: string,
    private readonly clients: GithubClients,
    cache: Cache | null,
  ) {
    this.url = new URL(apiUrl);
    this.revalidation = new Revalidation(cache);
  }

  /** @throws ExternalFailure */
  async read<Raw, T>(repository: RepositoryRef, reading: GithubReading<Raw, T>): Promise<T> {
    return (await this.readPage(repository, reading)).value;
  }

  /**
   * All pages of a list, up to `limit` items.
   * @throws ExternalFailure
   */
  async readList<Raw, T>(
    repository: RepositoryRef,
    reading: GithubReading<Raw, readonly T[]>,
    limit: number,
  ): Promise<T[]> {
    const perPage = Math.min(100, limit);
    const items: T[] = [];
    for (let page = 1; ; page += 1) {
      const parameters = { ...reading.parameters, per_page: perPage, ...(page > 1 && { page }) };
      const { value, hasMore } = await this.readPage(repository, { ...reading, parameters });
      items.push(...value);
      if (!hasMore || items.length >= limit) return items.slice(0, limit);
    }
  }

  /**
   * Asks in GraphQL; what of the answer GitHub could not give is null in it. Null without a sign-in: GraphQL is answered
   * to nobody.
   * @throws ExternalFailure
   */
  async query<T>(
    repository: RepositoryRef,
    { what, query, variables, schema }: GithubQuery<T>,
  ): Promise<T | null> {
    const { isSignedIn } = await this.clients.forRepository(repository);
    if (!isSignedIn) return null;
    return this.with(repository, what, async ({ questions }, { owner, repo }) => {
      const needed = /\$owner\b/.test(query) ? { owner, repo } : {};
      const data = await questions.graphql<unknown>(query, { ...variables, ...needed }).catch(partial);
      return parsed(schema, data, `${what} of ${repositoryName(repository)}`);
    });
  }

  /**
   * A call of any kind, its errors translated.
   * @throws ExternalFailure
   */
  async call<T>(
    repository: RepositoryRef,
    what: string,
    call: (octokit: GithubClient, target: RepositoryTarget) => Promise<T>,
  ): Promise<T> {
    return this.with(repository, what, ({ octokit }, target) => call(octokit, target));
  }

  private async with<T>(
    repository: RepositoryRef,
    what: string,
    call: (client: RepositoryClient, target: RepositoryTarget) => Promise<T>,
  ): Promise<T> {
    const named = `${what} of ${repositoryName(repository)}`;
    const target = this.target(repository, named);
    const client = await this.clients.forRepository(repository);
    try {
      return await call(client, target);
    } catch (error) {
      // An installation that was removed, suspended or made anew: its token ends before its time.
      if (!isRefusedSignIn(error) || !client.forget()) throw translated(error, named);
    }
    try {
      return await call(await this.clients.forRepository(repository), target);
    } catch (error) {
      throw translated(error, named);
    }
  }

  private readPage<Raw, T>(
    repository: RepositoryRef,
    reading: GithubReading<Raw, T>,
  ): Promise<GithubPage<T>> {
    const request = [reading.route, repositoryName(repository).toLowerCase(), reading.parameters ?? {}];
    const name = JSON.stringify(request);
    const running = this.inFlight.get(name) as Promise<GithubPage<T>> | undefined;
    if (running) return running;
    const asked = this.ask(repository, reading).finally(() => this.inFlight.delete(name));
    this.inFlight.set(name, asked);
    return asked;
  }

  private async ask<Raw, T>(
    repository: RepositoryRef,
    { what, route, parameters = {}, schema, convert, revalidate }: GithubReading<Raw, T>,
  ): Promise<GithubPage<T>> {
    const key = revalidate && answerKey(revalidate, repository, [route, parameters]);
    const kept = key && (await this.revalidation.find<T>(key));
    return this.call(repository, what, async (octokit, target) => {
      const headers = kept ? { 'if-none-match': kept.etag } : {};
      const response = await octokit
        .request(route, { ...target, ...parameters, headers })
        .catch((error: unknown) => unchanged(error, kept));
      if (response === null) return kept!;
      const value = convert(parsed(schema, response.data, `${what} of ${repositoryName(repository)}`));
      const hasMore = /rel="next"/.test(response.headers.link ?? '');
      const { etag } = response.headers;
      if (key && etag) await this.revalidation.keep(key, { etag, value, hasMore });
      return { value, hasMore };
    });
  }

  /** @throws ExternalFailure when the repository is on another host than the API that is configured */
  private target(repository: RepositoryRef, what: string): RepositoryTarget {
    const served = servedHostOf(this.url.href);
    if (served !== null && served !== repository.host.toLowerCase()) {
      throw new ExternalFailure(
        `There is no way to the ${what}: GITHUB_API_URL leads to ${this.url.host}, which serves ${served}.`,
        { code: 'github_not_found', retryable: false, facts: { host: repository.host } },
      );
    }
    return { owner: repository.owner, repo: repository.name };
  }
}

/** What the product itself said stays as it is. */
function translated(error: unknown, what: string): Error {
  return error instanceof DomainError ? error : githubFailure(error, what);
}

function isRefusedSignIn(error: unknown): boolean {
  return error instanceof RequestError && error.status === 401;
}

/** Null for a 304 to what is kept. */
function unchanged(error: unknown, kept: KeptAnswer<unknown> | undefined): null {
  if (kept && error instanceof RequestError && error.status === 304) return null;
  throw error;
}

/** What GitHub answered beside its errors, where those say only that it doesn't have single items. */
function partial(error: unknown): unknown {
  if (!(error instanceof GraphqlResponseError) || !error.data) throw error;
  const isOfItems = (error.errors ?? []).every(({ type }) => type === 'NOT_FOUND');
  if (!isOfItems) throw error;
  return error.data;
}

function parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
  throw unavailable(
    `GitHub's answer for ${what} can't be read: wrong or missing are ${fields}.`,
    result.error,
  );
}
