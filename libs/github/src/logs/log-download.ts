import { ConstantBackoff, handleWhen, retry } from 'cockatiel';
import { ExternalFailure, repositoryName, type RawLog, type RepositoryRef } from '@app/domain';
import type { GithubApi, RepositoryTarget } from '../client/github-api.js';
import type { GithubClient } from '../client/github-client.js';
import { unavailable } from '../client/github-failure.js';
import { AddressGuard, RefusedAddress, RefusedRedirect } from '@app/net';
import { gzipCapped } from './capped-gzip.js';
import { LogStorageStatus, openLog } from './open-log.js';

/** Whole tries of a log: a cut download starts over, with a fresh signed address (they live for a minute). */
const LOG_RETRIES = 2;
/** A download may take this many times the time limit of one exchange, however steadily it trickles. */
const DOWNLOAD_DEADLINE_FACTOR = 10;
const MAX_API_REDIRECTS = 3;

export interface LogDownloadOptions {
  readonly timeoutMs: number;
  readonly logMaxBytes: number;
  /** The unit of the pauses between tries; default 1,000. */
  readonly retryBaseMs?: number;
}

type LogAddress = (target: RepositoryTarget) => {
  route: string;
  parameters: Record<string, string | number>;
};

/** Downloads logs: asks the API for the address, follows it without credentials, and keeps head and tail of long ones. */
export class LogDownload {
  constructor(
    private readonly api: GithubApi,
    private readonly options: LogDownloadOptions,
  ) {}

  /** @throws ExternalFailure; `signal`'s reason when it ended the download */
  async jobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    return this.download(repository, `log of job ${jobId}`, signal, (target) => ({
      route: 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs',
      parameters: { ...target, job_id: jobId },
    }));
  }

  private async download(
    repository: RepositoryRef,
    log: string,
    signal: AbortSignal | undefined,
    address: LogAddress,
  ): Promise<RawLog> {
    const what = `${log} of ${repositoryName(repository)}`;
    signal?.throwIfAborted();
    const limitMs = this.options.timeoutMs * DOWNLOAD_DEADLINE_FACTOR;
    const deadline = AbortSignal.timeout(limitMs);
    const ended = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const again = retry(
      handleWhen((error) => !ended.aborted && isCutDownload(error)),
      { maxAttempts: LOG_RETRIES, backoff: new ConstantBackoff(this.options.retryBaseMs ?? 1_000) },
    );
    try {
      return await again.execute(async () => {
        const stream = await this.open(repository, log, ended, address);
        return gzipCapped(stream, this.options.logMaxBytes);
      }, ended);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.aborted) throw unavailable(`The ${what} didn't arrive within ${limitMs} ms.`, error);
      throw logFailure(error, what);
    }
  }

  private async open(
    repository: RepositoryRef,
    what: string,
    signal: AbortSignal,
    address: LogAddress,
  ): Promise<AsyncIterable<Uint8Array>> {
    const found = await this.find(repository, what, signal, address);
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
    what: string,
    signal: AbortSignal,
    address: LogAddress,
  ): Promise<URL | ReadableStream<Uint8Array>> {
    const request = { redirect: 'manual' as const, parseSuccessResponseBody: false, signal };
    const asking = (octokit: GithubClient, target: RepositoryTarget) => {
      const { route, parameters } = address(target);
      return octokit.request(route, { ...parameters, request });
    };
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

/** Whether another whole try of the log may bring it. What the API itself said was retried by Octokit already. */
function isCutDownload(error: unknown): boolean {
  // 403: the signed address ran out between the redirect and the request.
  if (error instanceof LogStorageStatus) return error.status >= 500 || error.status === 403;
  return !(error instanceof ExternalFailure) && !isRefused(error);
}

function isRefused(error: unknown): error is Error {
  return error instanceof RefusedRedirect || error instanceof RefusedAddress;
}

function logFailure(error: unknown, what: string): ExternalFailure {
  const status = error instanceof LogStorageStatus ? error.status : null;
  if (
    status === 404 ||
    status === 410 ||
    (error instanceof ExternalFailure && error.code === 'github_not_found')
  ) {
    return new ExternalFailure(
      `GitHub has no ${what}: it was deleted, its retention ended, or the token may not read it (“Actions: read”).`,
      { code: 'github_log_gone', retryable: false, cause: error },
    );
  }
  if (isRefused(error)) {
    return new ExternalFailure(`The address GitHub gave for the ${what} is refused: ${error.message}.`, {
      code: 'github_log_refused',
      retryable: false,
      cause: error,
    });
  }
  if (error instanceof ExternalFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return unavailable(`The ${what} can't be downloaded: ${reason}.`, error);
}
