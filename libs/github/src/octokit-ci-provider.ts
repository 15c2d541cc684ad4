import { ConstantBackoff, handleWhen, retry } from 'cockatiel';
import type { z } from 'zod';
import {
  CiProvider,
  ExternalFailure,
  GITHUB_HOST,
  repositoryName,
  type CiJob,
  type CiRun,
  type Log,
  type RawLog,
  type RepositoryRef,
} from '@app/domain';
import { jobSchema, runSchema } from './api-schema.js';
import { createGithubClient, type GithubClient } from './github-client.js';
import { githubFailure, unavailable } from './github-failure.js';
import { AddressGuard, RefusedAddress, zoneOf } from './logs/address-guard.js';
import { gzipCapped } from './logs/capped-gzip.js';
import { LogStorageStatus, openLog, RefusedRedirect } from './logs/open-log.js';

/** Whole tries of a log: a cut download starts over, with a fresh signed address (they live for a minute). */
const LOG_RETRIES = 2;
/** A download may take this many times the time limit of one exchange, however steadily it trickles. */
const DOWNLOAD_DEADLINE_FACTOR = 10;
const MAX_API_REDIRECTS = 3;

export interface OctokitCiProviderOptions {
  readonly apiUrl: string;
  /** Null: public reads only. */
  readonly token: string | null;
  readonly timeoutMs: number;
  readonly logMaxBytes: number;
  /** The unit of the pauses between tries; default 1,000. */
  readonly retryBaseMs?: number;
}

/** GitHub's REST API, on github.com or a GitHub Enterprise server. */
export class OctokitCiProvider implements CiProvider {
  private readonly octokit: GithubClient;
  private readonly api: URL;

  constructor(
    private readonly options: OctokitCiProviderOptions,
    log: Log,
  ) {
    this.octokit = createGithubClient(options, log);
    this.api = new URL(options.apiUrl);
  }

  async getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    const what = `run ${runId}${attempt === undefined ? '' : ` (attempt ${attempt})`} of ${repositoryName(repository)}`;
    const target = this.target(repository, what);
    return translated(what, async () => {
      const { data } =
        attempt === undefined
          ? await this.octokit.rest.actions.getWorkflowRun({ ...target, run_id: runId })
          : await this.octokit.rest.actions.getWorkflowRunAttempt({
              ...target,
              run_id: runId,
              attempt_number: attempt,
            });
      return toRun(parsed(runSchema, data, what));
    });
  }

  async listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]> {
    const what = `jobs of run ${runId} (attempt ${attempt}) of ${repositoryName(repository)}`;
    const target = this.target(repository, what);
    return translated(what, async () => {
      const jobs = await this.octokit.paginate(this.octokit.rest.actions.listJobsForWorkflowRunAttempt, {
        ...target,
        run_id: runId,
        attempt_number: attempt,
        per_page: 100,
      });
      return jobs.map((job) => toJob(parsed(jobSchema, job, what), attempt));
    });
  }

  async getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    const what = `log of job ${jobId} of ${repositoryName(repository)}`;
    const target = this.target(repository, what);
    signal?.throwIfAborted();
    const limitMs = this.options.timeoutMs * DOWNLOAD_DEADLINE_FACTOR;
    const deadline = AbortSignal.timeout(limitMs);
    const ended = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const again = retry(
      handleWhen((error) => !ended.aborted && isCutDownload(error)),
      { maxAttempts: LOG_RETRIES, backoff: new ConstantBackoff(this.options.retryBaseMs ?? 1_000) },
    );
    try {
      return await again.execute(() => this.downloadLog(target, jobId, what, ended), ended);
    } catch (error) {
      signal?.throwIfAborted();
      if (deadline.aborted) throw unavailable(`The ${what} didn't arrive within ${limitMs} ms.`, error);
      throw logFailure(error, what);
    }
  }

  private async downloadLog(
    target: { owner: string; repo: string },
    jobId: number,
    what: string,
    signal: AbortSignal,
  ): Promise<RawLog> {
    const found = await this.findLog(target, jobId, what, signal);
    const stream =
      found instanceof URL
        ? await openLog(found, {
            guard: await AddressGuard.forApi(this.api.hostname),
            allowHttp: this.api.protocol === 'http:',
            idleTimeoutMs: this.options.timeoutMs,
            signal,
          })
        : found;
    return gzipCapped(stream, this.options.logMaxBytes);
  }

  /**
   * Asks the API where the log is. Redirects are followed by hand: within the API's own origin (a renamed
   * repository) with the token, and whatever leads elsewhere is answered as an address, to be asked without it.
   */
  private async findLog(
    target: { owner: string; repo: string },
    jobId: number,
    what: string,
    signal: AbortSignal,
  ): Promise<URL | ReadableStream<Uint8Array>> {
    const request = { redirect: 'manual' as const, parseSuccessResponseBody: false, signal };
    let call: Promise<{ status: number; url: string; headers: { location?: string }; data: unknown }> =
      this.octokit.request('GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs', {
        ...target,
        job_id: jobId,
        request,
      });
    for (let hops = 0; hops <= MAX_API_REDIRECTS; hops += 1) {
      const answer = await call.catch((error: unknown) => {
        throw signal.aborted ? error : logFailure(githubFailure(error, what), what);
      });
      const body = answer.data instanceof ReadableStream ? (answer.data as ReadableStream<Uint8Array>) : null;
      if (answer.status === 200 && body !== null) return body;
      await body?.cancel();
      const { location } = answer.headers;
      if (location === undefined || !URL.canParse(location, answer.url)) {
        throw unavailable(`GitHub answered ${answer.status} without the address of the ${what}.`, undefined);
      }
      const url = new URL(location, answer.url);
      if (url.origin !== this.api.origin) return url;
      call = this.octokit.request({ method: 'GET', url: url.href, request });
    }
    throw new RefusedRedirect(`the API redirects more than ${MAX_API_REDIRECTS} times`);
  }

  /** @throws ExternalFailure when the repository is on another host than the API that is configured */
  private target(repository: RepositoryRef, what: string): { owner: string; repo: string } {
    const served = servedHost(this.api);
    if (served !== null && served !== repository.host.toLowerCase()) {
      throw new ExternalFailure(
        `There is no way to the ${what}: GITHUB_API_URL leads to ${this.api.host}, which serves ${served}.`,
        { code: 'github_not_found', retryable: false, facts: { host: repository.host } },
      );
    }
    return { owner: repository.owner, repo: repository.name };
  }
}

/** The host whose repositories an API serves; null for one on loopback (tests, the demo), which serves any. */
function servedHost(api: URL): string | null {
  if (api.host === 'api.github.com') return GITHUB_HOST;
  const literal = api.hostname.replace(/^\[|\]$/g, '');
  if (literal === 'localhost' || zoneOf(literal) === 'loopback') return null;
  // GitHub Enterprise Cloud with data residency answers at api.SUBDOMAIN.ghe.com; a server at its own name.
  return api.host.replace(/^api\./, '');
}

async function translated<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw githubFailure(error, what);
  }
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

function parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
  throw unavailable(
    `GitHub's answer for ${what} can't be read: wrong or missing are ${fields}.`,
    result.error,
  );
}

function toRun(run: z.output<typeof runSchema>): CiRun {
  return {
    id: run.id,
    attempt: run.run_attempt ?? 1,
    workflowId: run.workflow_id,
    workflowName: run.name ?? null,
    event: run.event,
    status: run.status ?? 'unknown',
    conclusion: run.conclusion,
    headSha: run.head_sha,
    branch: run.head_branch,
    url: run.html_url ?? null,
  };
}

function toJob(job: z.output<typeof jobSchema>, attempt: number): CiJob {
  return {
    id: job.id,
    runId: job.run_id,
    attempt: job.run_attempt ?? attempt,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    startedAt: job.started_at ? new Date(job.started_at) : null,
    completedAt: job.completed_at ? new Date(job.completed_at) : null,
    url: job.html_url ?? null,
    steps: (job.steps ?? []).map(({ number, name, conclusion }) => ({
      number,
      name,
      conclusion: conclusion ?? null,
    })),
  };
}
