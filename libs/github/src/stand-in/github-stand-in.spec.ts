import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GithubStandIn } from './github-stand-in.js';

describe('GithubStandIn', () => {
  let github: GithubStandIn;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    github.addRun({ repository: 'octo/app', id: 31, jobs: [] });
  });

  afterEach(() => github.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${github.url}${path}`, { headers });

  it('answers 304 to the ETag it gave, at no cost, until something changed', async () => {
    const path = '/repos/octo/app/actions/runs/31';
    const etag = (await get(path)).headers.get('etag')!;
    const { remaining } = github.quota;
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304);
    expect([github.calls.run, github.notModified.run, github.quota.remaining]).toEqual([1, 1, remaining]);
    github.addRun({ repository: 'octo/app', id: 31, conclusion: 'success' });
    expect((await get(path, { 'if-none-match': etag })).status).toBe(200);
  });

  it('refuses past its quota, counts that, and serves again after the reset', async () => {
    github.quota.remaining = 1;
    github.quota.resetsAt = Date.now() + 60_000;
    expect((await get('/repos/octo/app')).headers.get('x-ratelimit-remaining')).toBe('0');
    expect((await get('/repos/octo/app')).status).toBe(403);
    expect(github.quota.callsPastLimit).toBe(1);
    github.quota.resetsAt = Date.now() - 1;
    expect((await get('/repos/octo/app')).status).toBe(200);
  });

  it('pauses at will, and counts who asks on after having been told', async () => {
    github.quota.pause(60_000);
    const told = await get('/repos/octo/app');
    expect([told.status, told.headers.get('retry-after')]).toEqual([403, '60']);
    await get('/repos/octo/app');
    expect(github.quota.unheeded).toBe(0);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2_000);
    await get('/repos/octo/app');
    expect(github.quota.unheeded).toBe(1);
    github.quota.forgetTold();
    await get('/nowhere');
    vi.restoreAllMocks();
    expect([github.quota.unheeded, github.quota.callsPastLimit]).toEqual([1, 4]);
  });

  it('does what was asked before it loses the answer', async () => {
    github.fail('repository', { kind: 'lost_answer' });
    await expect(get('/repos/octo/app')).rejects.toThrow('fetch failed');
    expect(github.calls.repository).toBe(1);
  });

  it('fails a share of all requests', async () => {
    github.faults.failShare(0.5, [{ kind: 'status', status: 502 }], () => 0.4);
    expect((await get('/repos/octo/app')).status).toBe(502);
    github.faults.failShare(0.5, [{ kind: 'status', status: 502 }], () => 0.6);
    expect((await get('/repos/octo/app')).status).toBe(200);
  });

  it('keeps commits, and tells what changed between them', async () => {
    const repository = github.repository('octo/app');
    const base = repository.addCommit({ files: { 'a.txt': 'one\ntwo\n', 'gone.txt': 'x\n' } }, 'main');
    repository.addCommit({ parents: [base], files: { 'a.txt': 'one\n2\n', 'new.txt': 'y\n' } }, 'topic');
    const compared = (await (await get('/repos/octo/app/compare/main...topic')).json()) as {
      files: { filename: string; status: string; patch: string }[];
    };
    expect(compared.files.map(({ filename, status, patch }) => [filename, status, patch])).toEqual([
      ['a.txt', 'modified', '@@ -2,1 +2,1 @@\n-two\n+2'],
      ['gone.txt', 'removed', '@@ -1,1 +1,0 @@\n-x'],
      ['new.txt', 'added', '@@ -1,0 +1,1 @@\n+y'],
    ]);
  });

  it('answers below /api/v3 like a GitHub Enterprise server', async () => {
    expect((await get('/api/v3/repos/octo/app')).status).toBe(200);
  });

  it('says 404 of what it does not know, and counts it', async () => {
    expect((await get('/repos/octo/other')).status).toBe(404);
    expect((await get('/nowhere')).status).toBe(404);
    expect(github.calls.unknown).toBe(1);
  });
});
