import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort, nodeArguments, ProductProcess } from '../../support/product-process.js';

const WAIT = { timeout: 60_000, interval: 50 };

const statusOf = async (server: ProductProcess, key: string): Promise<number | null> => {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${server.url}/api/v1/incidents`, { headers }).catch(() => null);
  return answer?.status ?? null;
};

describe('the product on one data directory', () => {
  let dataDir: string;
  const servers: ProductProcess[] = [];
  const start = async (): Promise<ProductProcess> => {
    const env = { DATA_DIR: dataDir, PORT: String(await freePort()) };
    const server = ProductProcess.spawn('standalone', env);
    servers.push(server);
    return server.ready(WAIT.timeout);
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-test-'));
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    await rm(dataDir, { recursive: true, force: true });
  });

  it('starts while a command that came first still has it, and a second server goes on when the first is killed', async () => {
    const command = spawn(process.execPath, [...nodeArguments('cli'), 'keys', 'create'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATA_DIR: dataDir },
    });
    const ended = once(command, 'exit');
    const printed = text(command.stdout);
    await vi.waitFor(() => expect(existsSync(join(dataDir, 'postgres.lock'))).toBe(true), WAIT);
    const first = await start();
    expect(await ended).toEqual([0, null]);
    const key = (await printed).trim();
    expect(await statusOf(first, key)).toBe(200);

    const second = await start();
    expect(await statusOf(second, key)).toBe(200);
    await first.kill();
    await vi.waitFor(async () => expect(await statusOf(second, key)).toBe(200), WAIT);
  }, 150_000);
});
