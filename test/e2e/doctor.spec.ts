import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { freePort } from '../support/product-process.js';

interface Finding {
  name: string;
  verdict: string;
  problem?: string;
  detail: string;
  mend?: string;
}

const TOKEN = `github_pat_${'a1B2c3D4'.repeat(5)}`;
const SECRETS = { database: 'db-pa55word', redis: 'redis-pa55word', webhook: 'hook-s3cret' };

/** A fresh database takes its time on a busy machine. */
const FRESH_DATABASE_MS = 90_000;

let dataDir: string;
let github: Server;
let githubUrl: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-doctor-'));
  github = createServer(({ headers }, response) => {
    const known = headers.authorization?.endsWith(` ${TOKEN}`) === true;
    response
      .writeHead(known ? 200 : 401, { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '4321' })
      .end('{}');
  }).listen(0, '127.0.0.1');
  await once(github, 'listening');
  githubUrl = `http://127.0.0.1:${(github.address() as AddressInfo).port}`;
});
afterAll(async () => {
  github.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function doctor(env: Record<string, string>, ...args: string[]) {
  const { code, stdout, stderr } = await runCli(['doctor', ...args], { env: { DATA_DIR: dataDir, ...env } });
  for (const secret of [...Object.values(SECRETS), TOKEN]) expect(stdout + stderr).not.toContain(secret);
  return { code, stdout, stderr };
}

async function findings(env: Record<string, string>) {
  const { code, stdout } = await doctor(env, '--json');
  const { healthy, checks } = JSON.parse(stdout) as { healthy: boolean; checks: Finding[] };
  return { code, healthy, checks, of: (name: string) => checks.find((check) => check.name === name) };
}

describe('doctor', () => {
  it('finds a product on embedded parts in order', { timeout: FRESH_DATABASE_MS }, async () => {
    const env = { GITHUB_API_URL: githubUrl, GITHUB_TOKEN: TOKEN, GITHUB_WEBHOOK_SECRET: SECRETS.webhook };
    const { code, healthy, checks, of } = await findings(env);
    expect(checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect([code, healthy]).toEqual([0, true]);
    expect(of('database: reachable')?.detail).toMatch(/^PostgreSQL 1\d.*embedded$/);
    expect(of('database: schema')).toMatchObject({ verdict: 'warning', problem: 'migrations_pending' });
    expect(of('GitHub: token')).toMatchObject({
      verdict: 'ok',
      detail: expect.stringContaining('4321 of 5000') as string,
    });
    expect(of('GitHub: webhook secret')).toMatchObject({ verdict: 'ok' });
    expect(of('GitHub App: key')).toMatchObject({ verdict: 'skipped' });
    expect(of('Redis')).toMatchObject({ verdict: 'skipped' });
  });

  it('says what is broken and what mends it, exits with 1, and shows no secret', async () => {
    const { code, healthy, of } = await findings({
      DATABASE_URL: `postgres://app:${SECRETS.database}@127.0.0.1:${await freePort()}/devflowfix`,
      REDIS_URL: `redis://:${SECRETS.redis}@127.0.0.1:${await freePort()}`,
      GITHUB_API_URL: githubUrl,
      GITHUB_TOKEN: 'revoked-token',
    });
    expect([code, healthy]).toEqual([1, false]);
    expect(of('database: reachable')).toMatchObject({
      verdict: 'failed',
      problem: 'database_away',
      mend: expect.stringContaining('Start PostgreSQL') as string,
    });
    expect(of('database: pgvector')).toMatchObject({ verdict: 'skipped' });
    expect(of('Redis for queues and cache: connect')).toMatchObject({ problem: 'redis_refused' });
    expect(of('Redis for queues and cache: latency')).toMatchObject({ verdict: 'skipped' });
    expect(of('GitHub: token')).toMatchObject({ problem: 'github_unauthorized' });
    expect(of('GitHub: webhook secret')).toMatchObject({ verdict: 'warning' });
  });

  it('prints a line a check for people, and the mend below what is wrong', async () => {
    const { code, stdout } = await doctor({
      DATABASE_URL: `postgres://app:${SECRETS.database}@127.0.0.1:${await freePort()}/devflowfix`,
      REDIS_URL: inject('redisUrl'),
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✓ Redis for queues and cache: connect\s+redis:\/\/127/);
    expect(stdout).toMatch(/✗ database: reachable.*\n {4}→ Start PostgreSQL/);
    expect(stdout).toMatch(/1 to mend, 1 to know of/);
  });

  it('names every variable that is wrong, and checks no further', async () => {
    const { code, checks } = await findings({ PORT: 'eighty', REDIS_URL: 'http://x', GITHUB_TOKEN: TOKEN });
    expect(code).toBe(1);
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ name: 'configuration', verdict: 'failed' });
    expect(checks[0]!.detail).toMatch(/PORT.*REDIS_URL/);
  });

  it('says when the data directory can not be written', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');
    const { code, of } = await findings({ DATA_DIR: join(file, 'data') });
    expect(code).toBe(1);
    expect(of('data directory')).toMatchObject({ verdict: 'failed', problem: 'data_directory_not_writable' });
    expect(of('database: reachable')).toMatchObject({ verdict: 'skipped' });
  });
});
