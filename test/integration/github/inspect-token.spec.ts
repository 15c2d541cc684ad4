import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixedCredentials, GithubClients, inspectToken } from '@app/github';
import { silentLog } from '../../fakes/recording-log.js';

const FINE_GRAINED = 'github_pat_11AAAA';

/** What each request below a repository needs. */
function permissionOf({ method, url = '' }: IncomingMessage): string | null {
  const below = /^\/repos\/octo\/app\/([^?]*)/.exec(url)?.[1];
  if (below === undefined) return null;
  const area = below.includes('check-runs') ? 'checks' : below.split('/')[0]!;
  const names: Record<string, string> = { commits: 'contents', git: 'contents', pulls: 'pull_requests' };
  return `${names[area] ?? area}: ${method === 'GET' ? 'read' : 'write'}`;
}

describe('what a token may do', () => {
  let server: Server;
  let clients: GithubClients;
  const asked: string[] = [];
  let granted: string[];
  let scopes: string | null;
  let limited: boolean;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const needs = permissionOf(request);
      asked.push(`${request.method} ${request.url}`);
      if (scopes !== null) response.setHeader('x-oauth-scopes', scopes);
      const answer = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      };
      if (limited && needs !== null) {
        response.setHeader('x-ratelimit-remaining', '0');
        return answer(403, { message: 'API rate limit exceeded' });
      }
      if (request.url?.startsWith('/user/repos')) return answer(200, [{ full_name: 'octo/app' }]);
      if (request.url === '/repos/other/gone') return answer(404, { message: 'Not Found' });
      if (needs === null) return answer(200, {});
      if (!granted.includes(needs))
        return answer(403, { message: 'Resource not accessible by personal access token' });
      return request.method === 'GET' ? answer(200, []) : answer(422, { message: 'Validation Failed' });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    clients = new GithubClients({
      options: { apiUrl, timeoutMs: 2_000, retryBaseMs: 1 },
      credentials: fixedCredentials({}),
      cache: null,
      log: silentLog(),
    });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    asked.length = 0;
    granted = ['actions: read', 'contents: read', 'pull_requests: read'];
    scopes = null;
    limited = false;
  });

  const missing = async (repository: string | null = null) => {
    const found = await inspectToken(clients, FINE_GRAINED, repository);
    return { ...found, missing: found.missing.map(({ permission, level }) => `${permission}: ${level}`) };
  };

  it('is tried at one repository, by requests that can not change it', async () => {
    const found = await missing();
    expect(found.triedAt).toBe('octo/app');
    expect(found.missing).toEqual([
      'checks: read',
      'actions: write',
      'checks: write',
      'contents: write',
      'issues: write',
      'pull_requests: write',
    ]);
    granted.push('issues: write', 'pull_requests: write', 'contents: write', 'actions: write');
    expect((await missing('octo/app')).missing).toEqual(['checks: read', 'checks: write']);
    expect(asked.some((request) => /^(?:PUT|PATCH|DELETE)/.test(request))).toBe(false);
  });

  it('is nothing at a repository that the token does not see', async () => {
    expect((await missing('other/gone')).missing).toContain('actions: read');
    expect(asked.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  it('is said by the scopes of a classic token', async () => {
    scopes = 'repo, admin:org, workflow';
    expect(await inspectToken(clients, 'ghp_x', null)).toMatchObject({
      scopes: ['repo', 'admin:org', 'workflow'],
      superfluousScopes: ['admin:org', 'workflow'],
      missing: [],
    });
    scopes = '';
    const { missing: lacks } = await inspectToken(clients, 'ghp_x', null);
    expect(lacks.map(({ permission }) => permission)).toContain('actions');
    expect(asked.every((request) => request === 'GET /rate_limit')).toBe(true);
  });

  it('is not guessed from a limit', async () => {
    limited = true;
    await expect(missing()).rejects.toMatchObject({ code: expect.stringMatching(/^github_/) as string });
  });
});
