import { Octokit } from '@octokit/rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import type { Log } from '@app/domain';

/** A limit that ends sooner is waited for here; a longer one is told to the caller, who has a queue to wait in. */
const LONGEST_WAIT_S = 5;
/** Tries again after a failed connection or a 5xx; the queue's own retries come on top. */
const RETRIES = 2;
/** Another try gives the same answer. 403 and 429 are the throttling plugin's. */
const FINAL_STATUSES = [400, 401, 403, 404, 409, 410, 422, 429, 451];

const ThrottledOctokit = Octokit.plugin(retry, throttling);
export type GithubClient = InstanceType<typeof ThrottledOctokit>;

export interface GithubClientOptions {
  readonly apiUrl: string;
  readonly token: string | null;
  /** For one HTTP exchange, body included; for a log's redirect until the headers. */
  readonly timeoutMs: number;
  /** The unit of the pauses between tries: 1, 4 … times this. Default 1,000. */
  readonly retryBaseMs?: number;
}

/** Octokit with its own retry and throttling plugins, time limits, and the product's log. */
export function createGithubClient(options: GithubClientOptions, log: Log): GithubClient {
  const retryBaseMs = options.retryBaseMs ?? 1_000;
  const waits =
    (limit: 'primary' | 'secondary') => (retryAfterS: number, _: object, __: object, tries: number) => {
      const wait = retryAfterS <= LONGEST_WAIT_S && tries === 0;
      log.warn({ limit, retryAfterMs: retryAfterS * 1_000, wait }, 'github_rate_limited');
      return wait;
    };
  return new ThrottledOctokit({
    auth: options.token ?? undefined,
    baseUrl: options.apiUrl.replace(/\/+$/, ''),
    userAgent: 'devflowfix',
    log: {
      debug: () => undefined,
      info: (message: string) => log.debug({ message }, 'github_request'),
      warn: (message: string) => log.warn({ message }, 'github_client_warning'),
      error: (message: string) => log.debug({ message }, 'github_request_failed'),
    },
    request: { fetch: fetchWithin(options.timeoutMs) },
    retry: { retries: RETRIES, doNotRetry: FINAL_STATUSES, retryAfterBaseValue: retryBaseMs },
    throttle: {
      // Limits are counted for each API apart.
      id: options.apiUrl,
      retryAfterBaseValue: retryBaseMs,
      onRateLimit: waits('primary'),
      onSecondaryRateLimit: waits('secondary'),
    },
  });
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
