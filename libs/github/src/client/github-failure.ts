import { GraphqlResponseError } from '@octokit/graphql';
import { RequestError } from '@octokit/request-error';
import { ExternalFailure } from '@app/domain';
import { SECONDARY_LIMIT_PAUSE_MS } from './rate-limit-gate.js';

/**
 * Translates what Octokit threw. `what` names the call for people: `run 12 of octo/app`.
 * Anything already translated is handed through.
 */
export function githubFailure(error: unknown, what: string): ExternalFailure {
  if (error instanceof ExternalFailure) return error;
  if (error instanceof GraphqlResponseError) return queryFailure(error, what);
  const usedUpForMs = graphqlPauseMs(error);
  if (usedUpForMs !== null) return limited(what, usedUpForMs, error);
  if (!(error instanceof RequestError) || error.response === undefined) {
    const reason = error instanceof Error ? error.message : String(error);
    return unavailable(`GitHub can't be reached for ${what}: ${reason}`, error);
  }
  const { status } = error;
  if (/installation has been suspended/i.test(error.message)) return suspended(what, error);
  const facts = { status, what };
  const limitedForMs = rateLimitPauseMs(error);
  if (limitedForMs !== null) return limited(what, limitedForMs, error, facts);
  if (status >= 500) return unavailable(`GitHub answered ${status} for ${what}.`, error, facts);
  const [code, message] = refusal(status, what);
  return new ExternalFailure(message, { code, retryable: false, cause: error, facts });
}

function limited(
  what: string,
  forMs: number,
  cause: unknown,
  facts?: Readonly<Record<string, unknown>>,
): ExternalFailure {
  return new ExternalFailure(
    `GitHub's rate limit is used up: ${what} can be read in ${Math.ceil(forMs / 1_000)} s.`,
    { code: 'github_rate_limited', retryable: true, retryAfterMs: forMs, cause, facts },
  );
}

/** GraphQL answers 200 whatever it says. What isn't of the question itself is its servers' trouble. */
function queryFailure(error: GraphqlResponseError<unknown>, what: string): ExternalFailure {
  const types = (error.errors ?? []).map(({ type }) => type);
  if (types.includes('NOT_FOUND') || types.includes('FORBIDDEN')) {
    const [code, message] = refusal(types.includes('NOT_FOUND') ? 404 : 403, what);
    return new ExternalFailure(message, { code, retryable: false, cause: error });
  }
  return unavailable(`GitHub could not answer for ${what}: ${error.message}`, error);
}

/** What Octokit's throttling makes of a used-up limit that GraphQL answered 200 with. */
function graphqlPauseMs(error: unknown): number | null {
  const { response } = error as {
    response?: { data?: { errors?: { type?: string }[] }; headers?: Record<string, string | undefined> };
  };
  if (error instanceof RequestError || !response?.data?.errors?.some?.(({ type }) => type === 'RATE_LIMITED'))
    return null;
  const resetAt = Number(response.headers?.['x-ratelimit-reset']) * 1_000;
  return Number.isFinite(resetAt) ? Math.max(0, resetAt - Date.now()) + 1_000 : SECONDARY_LIMIT_PAUSE_MS;
}

function suspended(what: string, cause: unknown): ExternalFailure {
  return new ExternalFailure(
    `The GitHub App's installation that leads to ${what} was suspended: its owner can lift that in the installation's settings.`,
    { code: 'github_forbidden', retryable: false, cause },
  );
}

export function unavailable(
  message: string,
  cause: unknown,
  facts?: Readonly<Record<string, unknown>>,
): ExternalFailure {
  return new ExternalFailure(message, { code: 'github_unavailable', retryable: true, cause, facts });
}

function refusal(status: number, what: string): [code: string, message: string] {
  switch (status) {
    case 401:
      return [
        'github_unauthorized',
        `GitHub refused the sign-in for ${what} (401). Set GITHUB_TOKEN, or the GitHub App's key, to a valid one.`,
      ];
    case 403:
    case 451:
      return [
        'github_forbidden',
        `GitHub doesn't allow reading ${what} (${status}). The token needs “Actions: read” on the repository.`,
      ];
    case 404:
    case 410:
      return [
        'github_not_found',
        `GitHub has no ${what} (${status}), or the token may not see it: check the repository's name and GITHUB_TOKEN.`,
      ];
    default:
      return ['github_rejected', `GitHub rejected the request for ${what} (${status}).`];
  }
}

/** How long a primary or secondary limit still lasts, from the headers of the refusal; null when it is no limit. */
function rateLimitPauseMs(error: RequestError): number | null {
  if (error.status !== 403 && error.status !== 429) return null;
  const headers = error.response?.headers ?? {};
  const retryAfter = Number(headers['retry-after']);
  if (Number.isFinite(retryAfter)) return retryAfter * 1_000;
  if (headers['x-ratelimit-remaining'] === '0') {
    const resetAt = Number(headers['x-ratelimit-reset']) * 1_000;
    // One second more: the reset time is given in whole seconds.
    if (Number.isFinite(resetAt)) return Math.max(0, resetAt - Date.now()) + 1_000;
  }
  const secondary = /secondary rate limit|abuse detection/i.test(error.message);
  return secondary || error.status === 429 ? SECONDARY_LIMIT_PAUSE_MS : null;
}
