import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export type App = 'standalone' | 'api' | 'worker' | 'cli';

const START_LIMIT_MS = 60_000;

/** The built entry of an app; npm scripts and the test runner work from the repository's root. */
export function entryOf(app: App): string {
  return resolve('dist', 'apps', app, 'src', 'main.js');
}

/** For the seconds that a test lives, the database's WebAssembly isn't optimised, and no source map is read. */
const FOR_TESTS: readonly string[] = ['--liftoff-only'];
/** The app runs as it does for users: whoever measures it wants that. */
export const AS_SHIPPED: readonly string[] = ['--enable-source-maps'];

/** What node is given to run an app. */
export function nodeArguments(app: App, flags = FOR_TESTS): string[] {
  return [...flags, entryOf(app)];
}

/** Code that was compiled once for all processes that tests start. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: join(tmpdir(), 'devflowfix-compiled') };

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** The built product as a process of its own, that a test starts, asks, signals and kills. */
export class ProductProcess {
  private output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly url: string,
  ) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  /** Spawns the app; nothing is inherited of the environment but what it needs to run, and no `.env` is read. */
  static spawn(app: App, env: Record<string, string>, flags = FOR_TESTS): ProductProcess {
    const child = spawn(process.execPath, nodeArguments(app, flags), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...COMPILE_CACHE,
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'test',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
        ...env,
      },
    });
    return new ProductProcess(child, `http://127.0.0.1:${env['PORT'] ?? ''}`);
  }

  /** Everything it printed so far. */
  get printed(): string {
    return this.output;
  }

  /** The key that a first start prints. */
  get apiKey(): string | null {
    return /dff_[\w-]{20,}/.exec(this.output)?.[0] ?? null;
  }

  /** @throws with what it printed */
  async ready(limitMs = START_LIMIT_MS): Promise<this> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      if (this.child.exitCode !== null)
        throw new Error(`It ended with ${this.child.exitCode} while starting:\n${this.output}`);
      const answered = await fetch(`${this.url}/health/ready`).catch(() => null);
      if (answered?.ok) return this;
      if (performance.now() > deadline) throw new Error(`Not ready within ${limitMs} ms:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** The key that a first start prints once it listens. @throws with what it printed */
  async firstKey(limitMs = START_LIMIT_MS): Promise<string> {
    const deadline = performance.now() + limitMs;
    while (this.apiKey === null) {
      if (performance.now() > deadline) throw new Error(`It printed no key:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.apiKey;
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  /** Ends it in order; answers the exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended();
  }
}
