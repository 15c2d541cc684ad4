import type { Config } from '@app/config';
import { inspectToken, type AppCredentials, type GithubClients, type InspectedToken } from '@app/github';
import { failed, ok, skipped, warning, type Check, type Finding } from '../check.js';
import { lacking } from './lacking.js';

const ANSWER_LIMIT_MS = 10_000;
/** Below this a busy repository's webhooks use up what is left within minutes. */
const FEW_CALLS = 100;

/** The token: whether it is accepted, and what it may do. */
export function tokenChecks(
  { github }: Config,
  clients: GithubClients,
  app: () => Promise<AppCredentials | null>,
  repository: () => string | null,
): Check[] {
  let isAccepted = false;
  return [
    {
      name: 'GitHub: token',
      run: async () => {
        if (github.token === null)
          return skipped(
            (await app().catch(() => null)) === null
              ? 'GITHUB_TOKEN is not set: only public repositories can be read'
              : 'GITHUB_TOKEN is not set: only where the GitHub App is installed can be read',
          );
        const finding = await askForRate(github.apiUrl, github.token);
        isAccepted = finding.verdict !== 'failed';
        return finding;
      },
    },
    {
      name: 'GitHub: token’s permissions',
      run: async () => {
        if (!isAccepted) return skipped('there is no token that is accepted');
        return permissionsOf(await inspectToken(clients, github.token!, repository()));
      },
    },
  ];
}

function permissionsOf({ scopes, superfluousScopes, triedAt, missing }: InspectedToken): Finding {
  if (scopes === null && triedAt === null)
    return skipped('the token names no repository to try it at; connect one and ask again');
  const at = scopes === null ? `tried at ${triedAt}` : `scopes: ${scopes.join(', ') || 'none'}`;
  if (missing.length > 0)
    return lacking(
      missing,
      at,
      scopes === null
        ? 'Edit the token at GitHub (Settings, Developer settings) and grant these, where you want what they are for.'
        : 'Give the classic token the scope repo, or make a fine-grained one.',
    );
  if (superfluousScopes.length > 0)
    return warning(
      'github_permissions_superfluous',
      `${at}; never used: ${superfluousScopes.join(', ')}`,
      'Take these scopes from the token, or make a fine-grained one for the repositories alone.',
    );
  return ok(at);
}

async function askForRate(apiUrl: string, token: string): Promise<Finding> {
  let response: Response;
  try {
    response = await fetch(`${apiUrl.replace(/\/$/, '')}/rate_limit`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'user-agent': 'devflowfix',
      },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    return failed(
      'github_away',
      `${apiUrl}: ${reason}`,
      'Check GITHUB_API_URL and the way to it (DNS, firewall, proxy).',
    );
  }
  const limit = Number(response.headers.get('x-ratelimit-limit'));
  const remaining = Number(response.headers.get('x-ratelimit-remaining'));
  await response.body?.cancel();
  if (response.status === 401)
    return failed(
      'github_unauthorized',
      `${apiUrl} does not accept the token`,
      'Make a new fine-grained token that may read actions, and put it into GITHUB_TOKEN.',
    );
  // GitHub Enterprise without rate limits answers 404 here, and has accepted the token then.
  if (response.status === 404) return ok(`${apiUrl} accepts the token; it has no rate limit`);
  if (!response.ok)
    return failed(
      'github_error',
      `${apiUrl} answered ${response.status}`,
      'See githubstatus.com, or try again later.',
    );
  const detail = `${apiUrl} accepts the token; ${remaining} of ${limit} calls are left this hour`;
  if (remaining >= FEW_CALLS) return ok(detail);
  return warning(
    'github_rate_used_up',
    detail,
    'Wait for the next hour, or find out what else uses the token.',
  );
}
