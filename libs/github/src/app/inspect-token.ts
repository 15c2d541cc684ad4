import { RequestError } from '@octokit/request-error';
import type { GithubClient } from '../client/github-client.js';
import type { GithubClients } from '../client/github-clients.js';
import { githubFailure } from '../client/github-failure.js';
import { NEEDED_PERMISSIONS, type AccessLevel, type NeededPermission } from './needed-access.js';

export interface InspectedToken {
  /** Of a classic token; null for any other, whose permissions are found out by trying. */
  readonly scopes: readonly string[] | null;
  /** Scopes of a classic token that the product never uses. */
  readonly superfluousScopes: readonly string[];
  /** Where permissions were tried, `owner/name`; null: nowhere, there is no repository to try. */
  readonly triedAt: string | null;
  readonly missing: readonly NeededPermission[];
}

interface Probe {
  readonly permission: string;
  readonly level: AccessLevel;
  readonly route: string;
}

/** A classic token's scopes that cover whatever a repository needs. */
const REPOSITORY_SCOPES = ['repo', 'public_repo'];
/**
 * One request a permission. The writing ones lack what they can't do without (a title, a run that exists), so that GitHub
 * refuses them as invalid where it would have allowed them, and changes nothing in any case.
 */
const PROBES: readonly Probe[] = [
  { permission: 'actions', level: 'read', route: 'GET /repos/{owner}/{repo}/actions/runs?per_page=1' },
  { permission: 'contents', level: 'read', route: 'GET /repos/{owner}/{repo}/commits?per_page=1' },
  { permission: 'pull_requests', level: 'read', route: 'GET /repos/{owner}/{repo}/pulls?per_page=1' },
  {
    permission: 'checks',
    level: 'read',
    route: 'GET /repos/{owner}/{repo}/commits/HEAD/check-runs?per_page=1',
  },
  { permission: 'actions', level: 'write', route: 'POST /repos/{owner}/{repo}/actions/runs/0/cancel' },
  { permission: 'checks', level: 'write', route: 'POST /repos/{owner}/{repo}/check-runs' },
  { permission: 'contents', level: 'write', route: 'POST /repos/{owner}/{repo}/git/refs' },
  { permission: 'issues', level: 'write', route: 'POST /repos/{owner}/{repo}/issues' },
  { permission: 'pull_requests', level: 'write', route: 'POST /repos/{owner}/{repo}/pulls' },
];

/**
 * What a token may do: a classic one says it by its scopes, of any other it is tried at one repository.
 * @param repository `owner/name` to try at; null: one that the token itself names
 * @throws ExternalFailure
 */
export async function inspectToken(
  clients: GithubClients,
  token: string,
  repository: string | null,
): Promise<InspectedToken> {
  const octokit = clients.withToken(token);
  try {
    const { headers } = await octokit.request('GET /rate_limit').catch(answerOf);
    const scopes = scopesOf(headers['x-oauth-scopes'], token);
    if (scopes) return ofScopes(scopes);
    const triedAt = repository ?? (await anyRepository(octokit));
    if (triedAt === null) return { scopes: null, superfluousScopes: [], triedAt: null, missing: [] };
    const [owner = '', repo = ''] = triedAt.split('/').slice(-2);
    const seen = await octokit.request('GET /repos/{owner}/{repo}', { owner, repo }).catch(answerOf);
    // Not the token's repository: nothing of it is granted.
    if (seen.status === 404)
      return { scopes: null, superfluousScopes: [], triedAt, missing: NEEDED_PERMISSIONS };
    const refused: Probe[] = [];
    for (const probe of PROBES) {
      const { status } = await octokit.request(probe.route, { owner, repo }).catch(answerOf);
      if (status === 403) refused.push(probe);
    }
    const missing = NEEDED_PERMISSIONS.filter((needed) =>
      refused.some(({ permission, level }) => permission === needed.permission && level === needed.level),
    );
    return { scopes: null, superfluousScopes: [], triedAt, missing };
  } catch (error) {
    throw githubFailure(error, 'what the token may do');
  }
}

function ofScopes(scopes: readonly string[]): InspectedToken {
  const covers = scopes.some((scope) => REPOSITORY_SCOPES.includes(scope));
  return {
    scopes,
    // The narrower scopes below `repo` come with it.
    superfluousScopes: scopes.filter(
      (scope) => !REPOSITORY_SCOPES.includes(scope) && !scope.startsWith('repo'),
    ),
    triedAt: null,
    missing: covers ? [] : NEEDED_PERMISSIONS.filter(({ permission }) => permission !== 'metadata'),
  };
}

/** Only classic tokens have the header; a fine-grained one is told by its name even where a proxy adds it. */
function scopesOf(header: unknown, token: string): string[] | null {
  if (typeof header !== 'string' || token.startsWith('github_pat_')) return null;
  return header
    .split(',')
    .map((scope) => scope.trim())
    .filter(Boolean);
}

async function anyRepository(octokit: GithubClient): Promise<string | null> {
  const { data } = await octokit
    .request('GET /user/repos', { per_page: 1, sort: 'pushed' })
    .catch((error: unknown) => ({ ...answerOf(error), data: null as unknown }));
  const [first] = Array.isArray(data) ? (data as { full_name?: unknown }[]) : [];
  return typeof first?.full_name === 'string' ? first.full_name : null;
}

/** Refusals are answers here, unless they are about a limit or about us. */
function answerOf(error: unknown): { status: number; headers: Record<string, unknown> } {
  const headers = error instanceof RequestError ? error.response?.headers : undefined;
  if (!(error instanceof RequestError) || headers === undefined || error.status >= 500) throw error;
  const isLimited = 'retry-after' in headers || headers['x-ratelimit-remaining'] === '0';
  if (error.status === 401 || error.status === 429 || (error.status === 403 && isLimited)) throw error;
  return { status: error.status, headers };
}
