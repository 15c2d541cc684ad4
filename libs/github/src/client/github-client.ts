import { Octokit } from '@octokit/rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import type { Log } from '@app/domain';
import { LONGEST_WAIT_MS, type LimitedResource, type RateLimitGates } from './rate-limit-gate.js';

/** Tries again after a failed connection or a 5xx; the queue's own retries come on top. */
const RETRIES = 2;
/** Another try gives the same answer. 403 and 429 are the throttling plugin's. */
const FINAL_STATUSES = [304, 400, 401, 403, 404, 409, 410, 422, 429, 451];

/** The plugin that is named last is around the other: a call that waits for another try keeps none of ten from being sent. */
const ThrottledOctokit = Octokit.plugin(throttling, retry);
export type GithubClient = InstanceType<typeof ThrottledOctokit>;

export interface GithubClientOptions {
  readonly apiUrl: string;
  /** For one HTTP exchange, body included; for a log's redirect until the headers. */
  readonly timeoutMs: number;
  /** The unit of the pauses between tries: 1, 4 … times this. Default 1,000. */
  readonly retryBaseMs?: number;
}

type ThrottledOptions = ConstructorParameters<typeof ThrottledOctokit>[0] & object;

/** How a client signs in: Octokit's own options. */
export type GithubSignIn = Pick<ThrottledOptions, 'auth' | 'authStrategy'>;

type WritePace = NonNullable<ThrottledOptions['throttle']>['write'];

/**
 * The throttling plugin lets a second pass between writes, as GitHub wants it, and takes every POST for one. A question in
 * GraphQL is none: a worker's incidents would wait a second for each other.
 */
const UNPACED = {
  key: () => ({ schedule: (_: object, next: () => Promise<unknown>) => next() }),
} as unknown as WritePace;

/**
 * Octokit with its own retry and throttling plugins, time limits, the product's log, and gates that keep requests
 * from being sent past a known limit.
 * @param name whose limits these are
 * @param api what it is used for: `graphql` for questions alone, which nothing is changed by
 */
export function createGithubClient(
  name: string,
  api: LimitedResource,
  options: GithubClientOptions,
  signIn: GithubSignIn,
  gates: RateLimitGates,
  log: Log,
): GithubClient {
  const baseUrl = options.apiUrl.replace(/\/+$/, '');
  const retryBaseMs = options.retryBaseMs ?? 1_000;
  const waits =
    (limit: 'primary' | 'secondary') => (retryAfterS: number, _: object, __: object, tries: number) => {
      const wait = retryAfterS * 1_000 <= LONGEST_WAIT_MS && tries === 0;
      log.warn({ limit, retryAfterMs: retryAfterS * 1_000, wait }, 'github_rate_limited');
      return wait;
    };
  return new ThrottledOctokit({
    ...signIn,
    baseUrl,
    userAgent: 'devflowfix',
    log: {
      debug: () => undefined,
      info: (message: string) => log.debug({ message: withoutCode(message) }, 'github_request'),
      warn: (message: string) => log.warn({ message }, 'github_client_warning'),
      error: (message: string) => log.debug({ message: withoutCode(message) }, 'github_request_failed'),
    },
    request: { fetch: fetchThrough(gates, baseUrl, fetchWithin(options.timeoutMs)) },
    retry: { retries: RETRIES, doNotRetry: FINAL_STATUSES, retryAfterBaseValue: retryBaseMs },
    throttle: {
      // Limits are counted for each API and each set of credentials apart.
      id: `${options.apiUrl} ${name} ${api}`,
      ...(api === 'graphql' && { write: UNPACED }),
      retryAfterBaseValue: retryBaseMs,
      onRateLimit: waits('primary'),
      onSecondaryRateLimit: waits('secondary'),
    },
  });
}

/** The code of a new App, which stands in the address, is worth its private key until it is used. */
function withoutCode(message: string): string {
  return message.replace(/(\/app-manifests\/)[^/\s]+/, '$1***');
}

/** `fetch` behind the gate of its API. A request that may not be sent is answered here, as GitHub would have: with 429. */
function fetchThrough(gates: RateLimitGates, baseUrl: string, send: typeof fetch): typeof fetch {
  return async (input, init) => {
    // What the App asks for itself, its installations' tokens, is not counted with an installation's requests.
    if (isOfApp(String(input), baseUrl)) return send(input, init);
    const gate = gates[String(input).endsWith('/graphql') ? 'graphql' : 'core'];
    const blockedMs = await gate.enter(init?.signal);
    if (blockedMs !== null) return limited(blockedMs);
    let response: Response | null = null;
    try {
      response = await send(input, init);
      return response;
    } finally {
      await gate.left(response?.status ?? 0, response?.headers ?? null);
    }
  };
}

function isOfApp(url: string, baseUrl: string): boolean {
  const path = url.slice(baseUrl.length);
  return /^\/app(?:[/?]|$)/.test(path) || /^\/repos\/[^/]+\/[^/]+\/installation$/.test(path);
}

function limited(blockedMs: number): Response {
  return Response.json(
    { message: 'The rate limit is known to be used up: nothing was sent.' },
    { status: 429, headers: { 'retry-after': String(Math.ceil(blockedMs / 1_000)) } },
  );
}

/**
 * `fetch` with a time limit, reading the whole body within it, so that a connection that is cut inside the body is
 * a failed try like any other. A request with `redirect: 'manual'` is a log's: its body is streamed by the caller,
 * and the limit ends with the headers.
 */
function fetchWithin(timeoutMs: number): typeof fetch {
  return async (input, init) => {
    init?.signal?.throwIfAborted();
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
      timeoutMs,
    );
    const signal = AbortSignal.any([limit.signal, ...(init?.signal ? [init.signal] : [])]);
    try {
      const response = await fetch(input, { ...init, signal });
      if (init?.redirect === 'manual') return response;
      const body = await response.arrayBuffer();
      const { status, statusText, headers, url } = response;
      const whole = new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
      // Octokit's pagination reads it, and a Response made by hand has none.
      return Object.defineProperty(whole, 'url', { value: url });
    } finally {
      clearTimeout(timer);
    }
  };
}
