import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

const INSTALL_COMMAND = 'apt-get update && apt-get install -y redis-server';
const START_ATTEMPTS = 5;

export interface RedisServer {
  readonly url: string;
  /** Ends the server if it was started here; otherwise leaves it as it is. */
  stop(): Promise<void>;
}

/**
 * A Redis for the tests: the one that TEST_REDIS_URL names, else one started here on loopback.
 * @throws when there is no `redis-server` and it can't be installed; the message holds the command that installs it
 */
export async function provideRedis(): Promise<RedisServer> {
  const url = process.env['TEST_REDIS_URL'];
  if (url) return { url, stop: async () => undefined };
  return startRedisServer();
}

/**
 * Starts an own `redis-server` on a free loopback port, in memory only, in an own temporary folder.
 * @param args more command-line options, for example `['--maxmemory', '10mb']`
 */
export async function startRedisServer(args: readonly string[] = []): Promise<RedisServer> {
  const binary = redisBinary();
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const directory = await mkdtemp(join(tmpdir(), 'devflowfix-redis-'));
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const child = spawn(binary, [...options, '--dir', directory, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const endWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', endWithUs);
    const stop = async (): Promise<void> => {
      process.off('exit', endWithUs);
      await end(child);
      await rm(directory, { recursive: true, force: true });
    };
    const output = await untilReady(child);
    if (output === null) return { url: `redis://127.0.0.1:${port}`, stop };
    await stop();
    // Somebody else may have taken the port between finding and using it.
    if (attempt === START_ATTEMPTS) throw new Error(`${binary} didn't start:\n${output}`);
  }
}

/** Resolves with null once the server answers, or with what it printed when it ended before. */
async function untilReady(child: ChildProcess): Promise<string | null> {
  const printed: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.includes('Ready to accept connections')) {
      child.stdout!.resume();
      return null;
    }
    printed.push(line);
  }
  return printed.join('\n');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Installs Redis where that is possible without asking: on Debian, as root. */
function redisBinary(): string {
  const found = onPath('redis-server');
  if (found) return found;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0)
    throw new Error(missing('not installed'));
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'redis-server');
  } catch (error) {
    throw new Error(missing('not installed, and installing it failed'), { cause: error });
  }
  const installed = onPath('redis-server');
  if (!installed) throw new Error(missing('installed, but not on the PATH'));
  return installed;
}

function apt(...args: string[]): void {
  execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=180', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function missing(state: string): string {
  return `The tests need a Redis, and redis-server is ${state}. Install it (Debian, Ubuntu: ${INSTALL_COMMAND}) or set TEST_REDIS_URL.`;
}

function onPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}
