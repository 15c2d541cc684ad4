import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { loadConfig } from '@app/config';
import { signedDelivery, type GithubStandIn } from '@app/github';
import { openPersistence } from '@app/persistence';
import { AS_SHIPPED, ProductProcess, entryOf, freePort } from '../support/product-process.js';

const SECRET = 'chaos-secret';
/** A sender that is not heard waits this long. */
const RETRY_MS = 100;

/** Leases, pauses and rounds as short as a run that kills the product again and again wants them. */
const IMPATIENCE = {
  OUTBOX_GRACE_MS: '3000',
  OUTBOX_SWEEP_INTERVAL_MS: '1000',
  CLAIM_LEASE_MS: '5000',
  RATELIMIT_ENABLED: 'false',
};

export type Persistence = Awaited<ReturnType<typeof openPersistence>>;

export interface ChaosDelivery {
  readonly id: string;
  readonly event: string;
  readonly payload: unknown;
}

export interface ChaosOptions {
  readonly github: GithubStandIn;
  readonly env: Readonly<Record<string, string>>;
  /** An empty database; null: the embedded one. */
  readonly databaseUrl?: string | null;
}

/** The whole product as one process over a data directory of its own, to be sent deliveries, killed and started again. */
export class ChaosProduct {
  /** Sends that were not acknowledged at once. */
  retries = 0;
  /** Of an operator who may do everything. */
  private apiKey = '';
  private current!: ProductProcess;

  private constructor(
    private readonly dataDir: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start({ github, env, databaseUrl = null }: ChaosOptions): Promise<ChaosProduct> {
    const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-chaos-'));
    const product = new ChaosProduct(dataDir, {
      PORT: String(await freePort()),
      DATA_DIR: dataDir,
      GITHUB_API_URL: github.url,
      GITHUB_WEBHOOK_SECRET: SECRET,
      ...IMPATIENCE,
      ...(databaseUrl !== null && { DATABASE_URL: databaseUrl }),
      ...env,
    });
    product.spawn();
    // However the run ends, the product doesn't outlive it.
    process.once('exit', () => product.current.child.kill('SIGKILL'));
    await product.ready();
    product.apiKey = await product.createKey();
    return product;
  }

  get url(): string {
    return this.current.url;
  }

  /** Everything that the process of now has printed. */
  get printed(): string {
    return this.current.printed;
  }

  spawn(): void {
    this.current = ProductProcess.spawn('standalone', { ...this.env }, AS_SHIPPED);
  }

  async ready(): Promise<void> {
    await this.current.ready();
  }

  /** Kills it; says what was hit: a process that had ended by itself was not killed. */
  async kill(): Promise<'running' | 'starting' | 'nothing'> {
    const answered = await fetch(`${this.url}/health/ready`).catch(() => null);
    await this.killAtOnce();
    if (this.current.child.signalCode !== 'SIGKILL') return 'nothing';
    return answered?.ok === true ? 'running' : 'starting';
  }

  /** Kills it without a look. Returns whether a living process was hit. */
  async killAtOnce(): Promise<boolean> {
    await this.current.kill();
    return this.current.child.signalCode === 'SIGKILL';
  }

  /** Sends until it is acknowledged, as whoever redelivers does. False: it was not within the limit. */
  async send({ id, event, payload }: ChaosDelivery, limitMs: number): Promise<boolean> {
    const { headers, body } = signedDelivery(event, payload, SECRET, id);
    const deadline = performance.now() + limitMs;
    for (;;) {
      const response = await this.fetch('/api/v1/webhooks/github', { method: 'POST', headers, body });
      if (response?.ok) return true;
      if (performance.now() > deadline) return false;
      this.retries++;
      await after(RETRY_MS);
    }
  }

  /** With the admin key; null while nobody answers. */
  async json<T>(path: string, method = 'GET', body?: unknown): Promise<T | null> {
    const response = await this.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response?.ok ? ((await response.json()) as T) : null;
  }

  /** The database beside the product. Not while it is killed: who is left would become the embedded one's host. */
  open(): Promise<Persistence> {
    const { DATABASE_URL } = this.env;
    return openPersistence(loadConfig({ DATA_DIR: this.dataDir, ...(DATABASE_URL && { DATABASE_URL }) }));
  }

  async stop(): Promise<void> {
    await this.current.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** By the command line, as on a database server, where no start prints one. */
  private async createKey(): Promise<string> {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [entryOf('cli'), 'keys', 'create', 'chaos', '--role', 'admin'],
      { env: { PATH: process.env['PATH'], NODE_ENV: 'test', ...this.env } },
    );
    return stdout.trim();
  }

  /** Null: killed in between, which a sender sees as a cut or refused connection. */
  private async fetch(path: string, init: RequestInit): Promise<Response | null> {
    try {
      const response = await fetch(this.url + path, init);
      const body = await response.arrayBuffer();
      return new Response(body.byteLength > 0 ? body : null, response);
    } catch {
      return null;
    }
  }
}

/** Asks until nothing is wrong any more or the time is up; returns what is still wrong then. */
export async function settled(
  problems: () => Promise<readonly string[]>,
  limitMs: number,
  everyMs = 1_000,
): Promise<readonly string[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await problems();
    if (found.length === 0 || performance.now() > deadline) return found;
    await after(everyMs);
  }
}

/** Says what came out, and sets the exit code. */
export function conclude(problems: readonly string[], allWell: string): void {
  for (const problem of problems.slice(0, 20)) console.error(`WRONG: ${problem}`);
  console.log(problems.length === 0 ? allWell : `${problems.length} problems.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
