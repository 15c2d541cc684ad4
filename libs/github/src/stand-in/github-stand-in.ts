import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { answerWithFailure, sendJson, type InjectedFailure } from './injected-failure.js';
import { LoopbackServer } from './loopback-server.js';
import { jobPayload, runPayload } from './run-payloads.js';
import type { JobSeed, RunSeed } from './run-seed.js';

/** What is asked of the stand-in: the API's `run`, `jobs`, `log` (the redirect), and the `storage` it leads to. */
export type StandInRoute = 'run' | 'jobs' | 'log' | 'storage';

export interface StandInRequest {
  readonly route: StandInRoute;
  readonly path: string;
  /** The credentials that came along. */
  readonly authorization: string | null;
}

const RUN = /^\/repos\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/attempts\/(\d+))?(\/jobs)?$/;
const LOG = /^\/repos\/([^/]+\/[^/]+)\/actions\/jobs\/(\d+)\/logs$/;

/**
 * GitHub's REST API and its log storage on loopback, for the demo and for tests: runs, attempts, jobs in pages, and
 * job logs behind a redirect to another origin. Keeps what it was asked, and fails on demand.
 */
export class GithubStandIn {
  /** How often each route was asked. */
  readonly calls: Record<StandInRoute, number> = { run: 0, jobs: 0, log: 0, storage: 0 };
  /** Everything it was asked, in order. */
  readonly requests: StandInRequest[] = [];
  /** The storage serves logs gzip-encoded. */
  gzipLogs = false;
  /** When set, the API answers 401 to any other token. */
  requiredToken: string | null = null;
  private readonly runs: RunSeed[] = [];
  private readonly failures: { route: StandInRoute; failure: InjectedFailure }[] = [];
  private api!: LoopbackServer;
  private storage!: LoopbackServer;

  private constructor() {}

  static async start(): Promise<GithubStandIn> {
    const standIn = new GithubStandIn();
    standIn.api = await LoopbackServer.start((request, response) => standIn.answerApi(request, response));
    standIn.storage = await LoopbackServer.start((request, response) => {
      standIn.answerStorage(request, response).catch(() => response.destroy());
    });
    return standIn;
  }

  /** What the log storage was asked; none of it may carry credentials. */
  get storageRequests(): readonly StandInRequest[] {
    return this.requests.filter(({ route }) => route === 'storage');
  }

  /** The API's base address: what `GITHUB_API_URL` is set to. */
  get url(): string {
    return this.api.url;
  }

  get storageUrl(): string {
    return this.storage.url;
  }

  /** Adds an attempt of a run, or replaces it. */
  addRun(run: RunSeed): void {
    const known = this.runs.findIndex(
      (other) => isOf(other, run.repository, run.id) && (other.attempt ?? 1) === (run.attempt ?? 1),
    );
    if (known >= 0) this.runs[known] = run;
    else this.runs.push(run);
  }

  /** The next `times` requests of a route get the failure for an answer. */
  fail(route: StandInRoute, failure: InjectedFailure, times = 1): void {
    for (let i = 0; i < times; i += 1) this.failures.push({ route, failure });
  }

  async close(): Promise<void> {
    await Promise.all([this.api.close(), this.storage.close()]);
  }

  private answerApi(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    response.setHeader('x-ratelimit-limit', '5000');
    response.setHeader('x-ratelimit-remaining', '4999');
    const log = LOG.exec(url.pathname);
    const run = RUN.exec(url.pathname);
    const route = log ? 'log' : run?.[4] ? 'jobs' : run ? 'run' : null;
    if (route === null) return notFound(response);
    this.note(route, url, request);
    const failure = this.takeFailure(route);
    if (failure) return answerWithFailure(response, failure);
    if (this.requiredToken !== null && !bears(request, this.requiredToken)) {
      return sendJson(response, 401, { message: 'Bad credentials' });
    }
    if (log) return this.answerLog(log[1]!, Number(log[2]), response);
    const attempt = run![3] === undefined ? undefined : Number(run![3]);
    const found = this.findRun(run![1]!, Number(run![2]), attempt);
    if (!found) return notFound(response);
    if (route === 'run') return sendJson(response, 200, runPayload(found));
    return this.answerJobs(found, url, response);
  }

  private answerJobs(run: RunSeed, url: URL, response: ServerResponse): void {
    const jobs = run.jobs ?? [];
    const perPage = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
    const page = Number(url.searchParams.get('page') ?? 1);
    const pages = Math.max(1, Math.ceil(jobs.length / perPage));
    if (page < pages) {
      const next = new URL(url);
      next.searchParams.set('page', String(page + 1));
      response.setHeader('link', `<${next.href}>; rel="next"`);
    }
    const shown = jobs.slice((page - 1) * perPage, page * perPage).map((job) => jobPayload(run, job));
    sendJson(response, 200, { total_count: jobs.length, jobs: shown });
  }

  private answerLog(repository: string, jobId: number, response: ServerResponse): void {
    const log = this.findJob(jobId, repository)?.log;
    if (log === undefined || log === null) return notFound(response);
    // Signed like the real ones: whoever has the address may read.
    response.writeHead(302, { location: `${this.storageUrl}/logs/${jobId}?sig=c3RhbmQtaW4` }).end();
  }

  private async answerStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.storageUrl);
    this.note('storage', url, request);
    const failure = this.takeFailure('storage');
    if (failure) return answerWithFailure(response, failure);
    const log = this.findJob(Number(/^\/logs\/(\d+)$/.exec(url.pathname)?.[1]))?.log;
    if (log === undefined || log === null) return notFound(response);
    const source = Readable.from(typeof log === 'function' ? log() : [Buffer.from(log)]);
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    if (!this.gzipLogs) return pipeline(source, response);
    response.setHeader('content-encoding', 'gzip');
    return pipeline(source, createGzip(), response);
  }

  private note(route: StandInRoute, url: URL, request: IncomingMessage): void {
    const authorization = request.headers.authorization ?? null;
    this.calls[route] += 1;
    this.requests.push({ route, path: url.pathname, authorization });
  }

  private takeFailure(route: StandInRoute): InjectedFailure | null {
    const next = this.failures.findIndex((queued) => queued.route === route);
    return next < 0 ? null : this.failures.splice(next, 1)[0]!.failure;
  }

  /** The attempt asked for, else the latest. */
  private findRun(repository: string, id: number, attempt?: number): RunSeed | undefined {
    return this.runs
      .filter((run) => isOf(run, repository, id))
      .filter((run) => attempt === undefined || (run.attempt ?? 1) === attempt)
      .toSorted((a, b) => (b.attempt ?? 1) - (a.attempt ?? 1))[0];
  }

  private findJob(id: number, repository?: string): JobSeed | undefined {
    return this.runs
      .filter((run) => repository === undefined || isOf(run, repository, run.id))
      .flatMap((run) => run.jobs ?? [])
      .find((job) => job.id === id);
  }
}

function isOf(run: RunSeed, repository: string, id: number): boolean {
  return run.id === id && run.repository.toLowerCase() === repository.toLowerCase();
}

function bears(request: IncomingMessage, token: string): boolean {
  const given = request.headers.authorization;
  return given === `token ${token}` || given === `Bearer ${token}`;
}

function notFound(response: ServerResponse): void {
  sendJson(response, 404, { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' });
}
