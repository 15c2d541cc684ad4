import { RequestError } from '@octokit/request-error';
import type { z } from 'zod';
import { ExternalFailure, type PerformOptions, type PlannedCall } from '@app/domain';
import type { GithubClient } from '../client/github-client.js';
import { githubFailure } from '../client/github-failure.js';
import { messageOf, writeFailure } from './write-failure.js';

type Parameters = Readonly<Record<string, unknown>>;

/** Where lists are given up: what is looked for was made lately, or is known by its id. */
const MAX_PAGES = 10;
const PER_PAGE = 100;

/** A call that was refused in a way that its caller foresaw. */
export interface Refusal {
  readonly ok: false;
  readonly status: number;
  readonly message: string;
}
export type Written<T> = { readonly ok: true; readonly value: T } | Refusal;

/** Reading calls for one repository. Routes are below it: `/git/ref/{ref}`. */
export class GithubReads {
  constructor(
    protected readonly octokit: GithubClient,
    protected readonly target: { owner: string; repo: string },
    /** For people: `octo/app`. */
    readonly repositoryName: string,
    protected readonly options: PerformOptions,
  ) {}

  get owner(): string {
    return this.target.owner;
  }

  /** @throws ExternalFailure */
  async get<T>(what: string, route: string, parameters: Parameters, schema: z.ZodType<T>): Promise<T> {
    const found = await this.find(what, route, parameters, schema);
    if (found !== null) return found;
    throw new ExternalFailure(`GitHub has no ${this.named(what)}, or the token may not see it.`, {
      code: 'github_not_found',
      retryable: false,
    });
  }

  /** Null where there is none. @throws ExternalFailure */
  async find<T>(
    what: string,
    route: string,
    parameters: Parameters,
    schema: z.ZodType<T>,
  ): Promise<T | null> {
    try {
      const { data } = await this.octokit.request(`GET /repos/{owner}/{repo}${route}`, {
        ...this.target,
        ...parameters,
        request: { signal: this.options.signal },
      });
      return this.parsed(schema, data, what);
    } catch (error) {
      if (error instanceof RequestError && error.status === 404) return null;
      throw githubFailure(error, this.named(what));
    }
  }

  /** The first item of a list that fits, page after page. @throws ExternalFailure */
  async findInList<T>(
    what: string,
    route: string,
    parameters: Parameters,
    schema: z.ZodType<readonly T[]>,
    fits: (item: T) => boolean,
  ): Promise<T | null> {
    for (let page = 1; page <= MAX_PAGES; page++) {
      const items = await this.get(what, route, { ...parameters, per_page: PER_PAGE, page }, schema);
      const found = items.find(fits);
      if (found !== undefined) return found;
      if (items.length < PER_PAGE) return null;
    }
    return null;
  }

  protected named(what: string): string {
    return `${what} of ${this.repositoryName}`;
  }

  protected parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
    const result = schema.safeParse(data);
    if (result.success) return result.data;
    const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
    throw new ExternalFailure(
      `GitHub's answer for ${this.named(what)} can't be read: wrong or missing are ${fields}.`,
      { code: 'github_unavailable', retryable: true, cause: result.error },
    );
  }
}

/** Reading and writing calls for one repository. */
export class GithubWrites extends GithubReads {
  /**
   * Makes a call that changes something: once. A try without an answer is not repeated, since it may have taken
   * effect.
   * @param expected statuses that are answered as a refusal
   * @throws ExternalFailure; what `beforeWrite` throws
   */
  async write<T>(
    what: string,
    { method, path, body }: PlannedCall,
    schema: z.ZodType<T>,
    permission: string,
    expected: readonly number[] = [],
  ): Promise<Written<T>> {
    const { signal, beforeWrite } = this.options;
    let held: { error: unknown } | null = null;
    // Calls may wait in line for their turn: whether this one is still wanted is asked when it leaves.
    const leave: typeof fetch = async (input, init) => {
      try {
        signal?.throwIfAborted();
        await beforeWrite?.();
      } catch (error) {
        held = { error };
        throw error;
      }
      return this.send(input, init);
    };
    try {
      const { data } = await this.octokit.request({
        method,
        url: path,
        ...body,
        request: { retries: 0, fetch: leave },
      });
      return { ok: true, value: this.parsed(schema, data, what) };
    } catch (error) {
      if (held !== null) throw (held as { error: unknown }).error;
      if (error instanceof RequestError && expected.includes(error.status))
        return { ok: false, status: error.status, message: messageOf(error) };
      throw writeFailure(error, this.named(what), permission);
    }
  }

  /** A write that nothing foreseen can refuse. @throws ExternalFailure; what `beforeWrite` throws */
  async mustWrite<T>(what: string, call: PlannedCall, schema: z.ZodType<T>, permission: string): Promise<T> {
    const written = await this.write(what, call, schema, permission);
    if (written.ok) return written.value;
    throw new Error(`unforeseen refusal ${written.status}`);
  }

  private get send(): typeof fetch {
    const { fetch: own } = (this.octokit.request.endpoint.DEFAULTS.request ?? {}) as { fetch?: typeof fetch };
    return own ?? fetch;
  }
}
