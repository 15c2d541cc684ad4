import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { answerWithFailure, type InjectedFailure } from './injected-failure.js';
import { LoopbackServer } from './loopback-server.js';
import { ROUTES, type StandInRoute } from './routes/index.js';
import { answerStorage } from './routes/logs.js';
import { StandInFaults } from './stand-in-faults.js';
import { StandInQuota } from './stand-in-quota.js';
import {
  NOT_FOUND,
  refused,
  type StandInAnswer,
  type StandInCall,
  type StandInEndpoint,
} from './stand-in-route.js';
import { StandInState } from './state/stand-in-state.js';
import type { RepositoryState } from './state/repository-state.js';
import type { RunSeed } from './state/run-seed.js';

export interface StandInRequest {
  readonly route: StandInRoute;
  readonly method: string;
  readonly path: string;
  /** The credentials that came along. */
  readonly authorization: string | null;
}

type Endpoint = StandInEndpoint<StandInRoute>;

/**
 * GitHub's REST API and its log storage on loopback, for the demo and for tests: it keeps state (`repository`), logs
 * stand behind a redirect to another origin, GETs carry ETags, and requests use up a quota. It keeps what it was asked
 * and fails on demand (`faults`). Endpoints stand in `routes/`, one file an area.
 */
export class GithubStandIn {
  /** How often each route was asked, 304s left out: what the quota pays for. */
  readonly calls = zeros();
  /** How often each route answered 304. */
  readonly notModified = zeros();
  /** Everything it was asked, in order. */
  readonly requests: StandInRequest[] = [];
  readonly faults = new StandInFaults<StandInRoute>();
  readonly quota = new StandInQuota();
  readonly graphqlQuota = new StandInQuota('graphql');
  /** The storage serves logs gzip-encoded. */
  gzipLogs = false;
  /** When set, the API answers 401 to any other token (installations' tokens apart). */
  requiredToken: string | null = null;
  state!: StandInState;
  private api!: LoopbackServer;
  private storage!: LoopbackServer;

  private constructor() {}

  static async start(): Promise<GithubStandIn> {
    const standIn = new GithubStandIn();
    const guarded =
      (answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>) =>
      (request: IncomingMessage, response: ServerResponse): void => {
        answer.call(standIn, request, response).catch(() => response.destroy());
      };
    standIn.api = await LoopbackServer.start(guarded(standIn.answerApi));
    standIn.storage = await LoopbackServer.start(guarded(standIn.answerStorage));
    standIn.state = new StandInState(standIn.url, standIn.storageUrl);
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

  /** All calls of the API that cost quota. */
  get totalCalls(): number {
    return Object.values(this.calls).reduce((sum, count) => sum + count, 0) - this.calls.storage;
  }

  /** The repository to fill; made when it is new. @param fullName `owner/name` */
  repository(fullName: string): RepositoryState {
    return this.state.repository(fullName);
  }

  /** Adds an attempt of a run, or replaces it. */
  addRun(run: RunSeed): void {
    this.repository(run.repository).addRun(run);
  }

  /** The next `times` requests of a route get the failure for an answer. */
  fail(route: StandInRoute, failure: InjectedFailure, times = 1): void {
    this.faults.fail(route, failure, times);
  }

  async close(): Promise<void> {
    await Promise.all([this.api.close(), this.storage.close()]);
  }

  private async answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    // GitHub Enterprise servers have their API below this path.
    const path = url.pathname.replace(/^\/api\/v3(?=\/)|^\/api(?=\/graphql$)/, '');
    const { endpoint, params } = findEndpoint(request.method ?? 'GET', path);
    const route: StandInRoute = endpoint?.name ?? 'unknown';
    this.note(route, url, request);
    const quota = route === 'graphql' ? this.graphqlQuota : this.quota;
    quota.arrived();
    const token = /^(?:token|bearer) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
    const body = await bodyOf(request);
    await this.hold(route);

    const failure = this.faults.take(route);
    const takesEffect = failure?.kind === 'lost_answer' || failure?.kind === 'withheld_answer';
    if (failure && !takesEffect) {
      this.calls[route] += 1;
      return answerWithFailure(response, failure);
    }
    const send = (answer: StandInAnswer, more = {}): void =>
      this.send(response, answer, { ...quota.headers(), ...more });
    const limited = quota.refusal(route === 'graphql' ? USED_UP : LIMITED);
    if (limited) {
      this.calls[route] += 1;
      return send(limited);
    }
    const call: StandInCall = { state: this.state, url, params, body, token };
    const answer = this.refusal(endpoint, call) ?? (await endpoint?.answer(call)) ?? NOT_FOUND;
    const etag = answer.status === 200 && request.method === 'GET' ? etagOf(answer.body) : null;
    if (etag !== null && request.headers['if-none-match'] === etag) {
      this.notModified[route] += 1;
      return send({ status: 304, headers: { etag } });
    }
    this.calls[route] += 1;
    quota.spend();
    if (failure) return answerWithFailure(response, failure);
    return send(answer, etag === null ? {} : { etag });
  }

  private async answerStorage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.storageUrl);
    this.note('storage', url, request);
    this.calls.storage += 1;
    await this.hold('storage');
    const failure = this.faults.take('storage');
    if (failure) return answerWithFailure(response, failure);
    const { status, stream, headers } = answerStorage(this.state, url.pathname);
    if (!stream) return this.send(response, NOT_FOUND);
    const gzipped = this.gzipLogs ? { 'content-encoding': 'gzip' } : {};
    response.writeHead(status, { ...headers, ...gzipped });
    return this.gzipLogs ? pipeline(stream, createGzip(), response) : pipeline(stream, response);
  }

  /** Why these credentials don't open this endpoint; null when they do. */
  private refusal(
    endpoint: Endpoint | undefined,
    { state, params, token }: StandInCall,
  ): StandInAnswer | null {
    if (!endpoint || endpoint.auth === 'none') return null;
    const { apps } = state;
    if (endpoint.auth === 'app') {
      return token !== null && apps.isAppToken(token)
        ? null
        : refused(401, 'A JSON web token could not be decoded');
    }
    if (this.requiredToken === null && apps.app === null) return null;
    if (token !== null && token === this.requiredToken) return null;
    const installation = token === null ? undefined : apps.installationByToken(token);
    if (!installation) return refused(401, 'Bad credentials');
    if (installation.suspended) return refused(403, 'This installation has been suspended');
    const named = params['repo'] === undefined ? null : `${params['owner']}/${params['repo']}`;
    return named === null || apps.installationOf(named)?.id === installation.id ? null : NOT_FOUND;
  }

  private async hold(route: StandInRoute): Promise<void> {
    await this.faults.beforeAnswer(route);
    if (this.faults.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.faults.delayMs));
  }

  private note(route: StandInRoute, url: URL, request: IncomingMessage): void {
    const authorization = request.headers.authorization ?? null;
    this.requests.push({ route, method: request.method ?? 'GET', path: url.pathname, authorization });
  }

  private send(
    response: ServerResponse,
    { status, body, headers }: StandInAnswer,
    more: Readonly<Record<string, string>> = {},
  ): void {
    const type = body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(status, { ...type, ...more, ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }
}

/** GraphQL says it with 200. */
const LIMITED = refused(403, 'API rate limit exceeded for installation.');
const USED_UP: StandInAnswer = {
  status: 200,
  body: { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded for installation.' }] },
};

function findEndpoint(method: string, path: string): { endpoint?: Endpoint; params: Record<string, string> } {
  for (const endpoint of ROUTES as readonly Endpoint[]) {
    const match = endpoint.method === method ? endpoint.path.exec(path) : null;
    if (!match) continue;
    const params = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]);
    return { endpoint, params: Object.fromEntries(params) as Record<string, string> };
  }
  return { params: {} };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (request.method === 'GET' || request.headers['content-length'] === '0') return {};
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(await text(request)));
  return (await json(request).catch(() => ({}))) as Record<string, unknown>;
}

function etagOf(body: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(body)).digest('hex')}"`;
}

function zeros(): Record<StandInRoute, number> {
  const names: StandInRoute[] = [...ROUTES.map(({ name }) => name), 'storage', 'unknown'];
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<StandInRoute, number>;
}
