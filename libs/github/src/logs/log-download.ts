import { ConstantBackoff, handleWhen, retry } from 'cockatiel';
import { repositoryName, type RepositoryRef } from '@app/domain';
import { AddressGuard, RefusedRedirect } from '@app/net';
import type { GithubApi, RepositoryTarget } from '../client/github-api.js';
import type { GithubClient } from '../client/github-client.js';
import { unavailable } from '../client/github-failure.js';
import { isCutDownload, logFailure } from './log-failure.js';
import { openLog } from './open-log.js';

/** Whole tries of a download: a cut one starts over, with a fresh signed address (they live for a minute). */
const RETRIES = 2;
/** A download may take this many times the time limit of one exchange, however steadily it trickles. */
const DEADLINE_FACTOR = 10;
const MAX_API_REDIRECTS = 3;

export interface LogDownloadOptions {
  readonly timeoutMs: number;
  readonly logMaxBytes: number;
  /** The unit of the pauses between tries; default 1,000. */
  readonly retryBaseMs?: number;
}

/** Something that the API answers with a redirect to a storage: a job's log, or the archive of a run's logs. */
export interface StoredLog {
  /** For people: `log of job 12`. */
  readonly what: string;
  /** `GET /repos/{owner}/{repo}/…` */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Downloads logs: asks the API for the address, and follows it without credentials. */
export class LogDownload {
  constructor(
    private readonly api: GithubApi,
    private readonly options: LogDownloadOptions,
  ) {}

  /**
   * Streams what is stored to `take`, which is called anew with each try.
   * @throws ExternalFailure; `signal`'s reason when it ended the download
   */
  async run<T>(
    repository: RepositoryRef,
    stored: StoredLog,
    take: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const what = `${stored.what} of ${repositoryName(repository)}`;
    signal?.throwIfAborted();
    const limitMs = this.options.timeoutMs * DEADLINE_FACTOR;
    const deadline = AbortSignal.timeout(limitMs);
    const ended = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const again = retry(
      handleWhen((error) => !ended.aborted && isCutDownload(error)),
      { maxAttempts: RETRIES, backoff: new ConstantBackoff(this.options.retryBaseMs ?? 1_000) },
    );
    try {
      return await again.execute(async () => take(await this.open(repository, stored, ended)), ended);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.aborted) throw unavailable(`The ${what} didn't arrive within ${limitMs} ms.`, error);
      throw logFailure(error, what);
    }
  }

  private async open(
    repository: RepositoryRef,
    stored: StoredLog,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const found = await this.find(repository, stored, signal);
    if (!(found instanceof URL)) return found;
    return openLog(found, {
      guard: await AddressGuard.forApi(this.api.url.hostname),
      allowHttp: this.api.url.protocol === 'http:',
      idleTimeoutMs: this.options.timeoutMs,
      signal,
    });
  }

  /**
   * Asks the API where the log is. Redirects are followed by hand: within the API's own origin (a renamed
   * repository) with the token, and whatever leads elsewhere is answered as an address, to be asked without it.
   */
  private async find(
    repository: RepositoryRef,
    { what, route, parameters }: StoredLog,
    signal: AbortSignal,
  ): Promise<URL | ReadableStream<Uint8Array>> {
    const request = { redirect: 'manual' as const, parseSuccessResponseBody: false, signal };
    const asking = (octokit: GithubClient, target: RepositoryTarget) =>
      octokit.request(route, { ...target, ...parameters, request });
    let following: URL | null = null;
    for (let hops = 0; hops <= MAX_API_REDIRECTS; hops += 1) {
      const answer: ApiAnswer = await this.api.call(repository, what, (octokit, target) =>
        following
          ? octokit.request({ method: 'GET', url: following.href, request })
          : asking(octokit, target),
      );
      const body = answer.data instanceof ReadableStream ? (answer.data as ReadableStream<Uint8Array>) : null;
      if (answer.status === 200 && body !== null) return body;
      await body?.cancel();
      const { location } = answer.headers;
      if (location === undefined || !URL.canParse(location, answer.url)) {
        throw unavailable(`GitHub answered ${answer.status} without the address of the ${what}.`, undefined);
      }
      const url = new URL(location, answer.url);
      if (url.origin !== this.api.url.origin) return url;
      following = url;
    }
    throw new RefusedRedirect(`the API redirects more than ${MAX_API_REDIRECTS} times`);
  }
}

interface ApiAnswer {
  readonly status: number;
  readonly url: string;
  readonly headers: { readonly location?: string };
  readonly data: unknown;
}
