import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const STANDALONE = fileURLToPath(new URL('../../../standalone/src/main.js', import.meta.url));
const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 20_000;
const API_KEY = /dff_[\w-]{20,}/;

export interface ProductOptions {
  readonly port: number;
  readonly dataDir: string;
  readonly githubApiUrl: string;
  readonly webhookSecret: string;
}

/** The product as `npm start` runs it, on embedded parts only, as a process of its own. */
export class Product {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly apiKey: string,
  ) {}

  /** Resolves when it is ready. @throws with what it printed when it ends or stays silent */
  static async start(options: ProductOptions): Promise<Product> {
    const child = spawn(process.execPath, ['--enable-source-maps', STANDALONE], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // A folder without an .env.
      cwd: options.dataDir,
      // Only what is named here: a database, Redis or model that happens to be configured is left out of the demo.
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        TMPDIR: process.env['TMPDIR'],
        HOST: '127.0.0.1',
        PORT: String(options.port),
        DATA_DIR: options.dataDir,
        GITHUB_API_URL: options.githubApiUrl,
        GITHUB_WEBHOOK_SECRET: options.webhookSecret,
        LOG_LEVEL: 'warn',
        // It is asked again and again until everything is diagnosed.
        RATELIMIT_ENABLED: 'false',
      },
    });
    let printed = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const url = `http://127.0.0.1:${options.port}`;
    const deadline = performance.now() + START_LIMIT_MS;
    while (!(await isReady(url))) {
      if (child.exitCode !== null)
        throw new Error(`The product ended with ${child.exitCode} while starting:\n${printed}`);
      if (performance.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`The product was not ready within ${START_LIMIT_MS / 1_000} s:\n${printed}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const apiKey = API_KEY.exec(printed)?.[0];
    if (!apiKey) throw new Error(`The product printed no API key:\n${printed}`);
    return new Product(child, url, apiKey);
  }

  /** @throws with status and answer when it isn't a 2xx */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.apiKey}` } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Resolves when the process ended by itself. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended();
    clearTimeout(force);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).ok;
  } catch {
    return false;
  }
}

/** `wanted` if nobody listens there, else a port that the system picks. */
export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0))!;
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as { port: number }).port;
  } catch {
    return null;
  } finally {
    server.close();
  }
}
