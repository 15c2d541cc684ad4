import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createRedisClient } from '@app/cache';
import { loadConfig } from '@app/config';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../apps/cli/src/doctor/check.js';
import { redisPart } from '../../apps/cli/src/doctor/redis/redis-part.js';
import { runChecks } from '../../apps/cli/src/doctor/run-checks.js';
import { freePort } from '../support/product-process.js';
import { startRedisServer, type RedisServer } from '../support/redis-server.js';
import { startSentinel } from '../support/redis-topologies.js';

const PASSWORD = 's3cret/p@ss';
const started: RedisServer[] = [];
const servers: Server[] = [];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devflowfix-doctor-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  for (const server of servers.splice(0)) server.close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const redis = async (...args: string[]): Promise<string> => {
  const server = await startRedisServer(args);
  started.push(server);
  return server.url;
};
const listening = async (server: Server): Promise<number> => {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const withPassword = (url: string, password: string): string => {
  const changed = new URL(url);
  changed.password = encodeURIComponent(password);
  return changed.href;
};
/** What the doctor says of that environment; never a password. */
const examine = async (env: Record<string, string>): Promise<Report[]> => {
  const reports = await runChecks(redisPart(loadConfig(env)));
  const text = JSON.stringify(reports);
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain(encodeURIComponent(PASSWORD));
  return reports;
};
const failures = (reports: readonly Report[]) => reports.filter(({ verdict }) => verdict === 'failed');
const onlyFailure = (reports: readonly Report[]): Report => {
  const [failure, ...more] = failures(reports);
  expect(more).toEqual([]);
  expect(failure!.mend).toBeTruthy();
  return failure!;
};

/** Everything that can be wrong, each on a real server; the name of what the doctor must say. */
const BROKEN: Record<string, () => Promise<Record<string, string>>> = {
  redis_no_master: async () => ({ REDIS_SENTINELS: `127.0.0.1:${await freePort()}` }),
  redis_refused: async () => ({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` }),
  redis_wrong_password: async () => ({
    REDIS_URL: withPassword(await redis('--requirepass', 'another'), PASSWORD),
  }),
  redis_tls_not_spoken: async () => ({ REDIS_URL: (await redis()).replace('redis:', 'rediss:') }),
  redis_tls_expected: async () => ({ REDIS_URL: `redis://127.0.0.1:${await listening(tlsServer())}` }),
  redis_certificate: async () => ({ REDIS_URL: `rediss://127.0.0.1:${await listening(tlsServer())}` }),
  redis_wrong_eviction_policy: async () => ({
    REDIS_URL: await redis('--maxmemory-policy', 'allkeys-lru', '--maxmemory', '50mb'),
  }),
  redis_read_only: async () => {
    const master = new URL(await redis());
    return { REDIS_URL: await redis('--replicaof', master.hostname, master.port) };
  },
  redis_full: async () => {
    const url = await redis('--maxmemory', '3mb', '--maxmemory-policy', 'noeviction');
    await fill(url);
    return { REDIS_URL: url };
  },
  not_a_redis: async () => {
    const web = createHttpServer((_, response) => response.end('hello'));
    return { REDIS_URL: `redis://127.0.0.1:${await listening(web)}` };
  },
  redis_no_answer: async () => ({
    REDIS_URL: `redis://127.0.0.1:${await listening(createTcpServer())}`,
  }),
  redis_host_unknown: async () => ({ REDIS_URL: 'redis://nobody.invalid:6379' }),
  redis_wrong_database: async () => ({ REDIS_URL: `${await redis()}/99` }),
  redis_ca_file: async () => ({
    REDIS_URL: `rediss://127.0.0.1:${await listening(tlsServer())}`,
    REDIS_TLS_CA_FILE: '/nowhere/ca.pem',
  }),
};

/** Writes until nothing more is taken. */
async function fill(url: string): Promise<void> {
  const client = createRedisClient(loadConfig({ REDIS_URL: url }).redis!);
  client.on('error', () => undefined);
  await client.connect();
  for (let size = 500_000; size > 10; size = Math.floor(size / 2))
    for (let key = 0; ; key += 1) {
      const answer = await client.set(`fill:${size}:${key}`, 'x'.repeat(size)).catch((error: Error) => error);
      if (answer instanceof Error) break;
    }
  await client.close();
}

/** A self-signed TLS server that closes what talks to it once the handshake is done. */
function tlsServer(): Server {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', '/CN=127.0.0.1', '-days', '1'];
  execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) =>
    socket.end(),
  );
  server.on('tlsClientError', () => undefined);
  return server;
}

describe('doctor on a Redis that is well', () => {
  it('finds nothing to mend, and leaves nothing behind for long', async () => {
    const url = withPassword(await redis('--requirepass', PASSWORD), PASSWORD);
    const reports = await examine({ REDIS_URL: url });
    expect(failures(reports)).toEqual([]);
    expect(reports.map(({ name }) => name)).toEqual(
      [
        'connect',
        'set and get',
        'JSON round trip',
        'lifetime',
        'pattern delete',
        'eviction policy',
        'latency',
      ].map((what) => `Redis for queues and cache: ${what}`),
    );
    const client = createRedisClient(loadConfig({ REDIS_URL: url }).redis!);
    client.on('error', () => undefined);
    await client.connect();
    for (const key of await client.keys('*')) expect(await client.pTTL(key)).toBeGreaterThan(0);
    await client.close();
  });

  it('lets a cache of its own evict, and tells of one that never does', async () => {
    const [queues, cache] = await Promise.all([redis(), redis('--maxmemory-policy', 'allkeys-lru')]);
    const good = await examine({ REDIS_URL: queues, CACHE_REDIS_URL: cache });
    expect(good.filter(({ name, verdict }) => verdict !== 'ok' && !name.endsWith('latency'))).toEqual([]);
    expect(good).toHaveLength(14);
    const swapped = await examine({ REDIS_URL: cache, CACHE_REDIS_URL: queues });
    expect(onlyFailure(swapped)).toMatchObject({
      name: 'Redis for queues: eviction policy',
      problem: 'redis_wrong_eviction_policy',
    });
    expect(swapped).toContainEqual(
      expect.objectContaining({ verdict: 'warning', problem: 'redis_cache_never_evicts' }),
    );
  });

  it('checks the master that the sentinels name', async () => {
    const topology = await startSentinel();
    try {
      const [master, , sentinel] = topology.ports;
      const reports = await examine({ REDIS_SENTINELS: `127.0.0.1:${sentinel}` });
      expect(failures(reports)).toEqual([]);
      expect(reports).toHaveLength(7);
      expect(reports[0]!.detail).toContain(`master 127.0.0.1:${master}`);
    } finally {
      await topology.stop();
    }
  });

  it('has nothing to check where none is configured', async () => {
    expect(await examine({})).toEqual([expect.objectContaining({ name: 'Redis', verdict: 'skipped' })]);
  });
});

describe('doctor on a Redis that is not', () => {
  const mends = new Map<string, string>();

  it.each(Object.entries(BROKEN))('says %s, and what mends it', async (problem, breakIt) => {
    const reports = await examine(await breakIt());
    const failure = onlyFailure(reports);
    expect(failure.problem).toBe(problem);
    mends.set(problem, failure.mend!);
    expect(failure.detail.length).toBeGreaterThan(20);
  });

  it('gives every one of them a mend of its own', () => {
    expect(mends.size).toBe(Object.keys(BROKEN).length);
    expect(new Set(mends.values()).size).toBe(mends.size);
  });
});
