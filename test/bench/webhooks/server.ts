import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { GithubStandIn } from '@app/github';
import { Client } from 'pg';
import { createKey } from '../../support/cli.js';
import { AS_SHIPPED, freePort, ProductProcess } from '../../support/product-process.js';
import { BENCH_SECRET } from './deliveries.js';
import type { LoadResult } from './load.js';
import type { Order } from './sender.js';

interface HostFigures {
  readonly busyMs: number;
  readonly cpuMs: number;
  readonly slowest: readonly {
    readonly statement: string;
    readonly count: number;
    readonly totalMs: number;
  }[];
}

const QUIET_LIMIT_MS = 120_000;
const LOOK_AGAIN_MS = 2_000;

/** The product with a stand-in for GitHub, and a process that sends. */
export class BenchServer {
  private constructor(
    readonly github: GithubStandIn,
    private readonly product: ProductProcess,
    private readonly sender: ChildProcess,
    private readonly environment: Record<string, string>,
    private readonly apiKey: string,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /** @param serverUrl of a PostgreSQL on which a database of its own is made; null: the embedded one */
  static async start(serverUrl: string | null): Promise<BenchServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-bench-'));
    const database = serverUrl === null ? null : await createDatabase(serverUrl);
    const environment = { DATA_DIR: dataDir, ...(database ? { DATABASE_URL: database.url } : {}) };
    const github = await GithubStandIn.start();
    const settings = {
      ...environment,
      PORT: String(await freePort()),
      GITHUB_API_URL: github.url,
      GITHUB_WEBHOOK_SECRET: BENCH_SECRET,
      LOG_LEVEL: 'warn',
    };
    const product = ProductProcess.spawn('standalone', settings, AS_SHIPPED);
    await product.ready();
    const sender = fork(resolve('dist', 'test', 'bench', 'webhooks', 'sender.js'));
    // On a server of its own the product prints no key.
    const apiKey = database ? await createKey(environment, 'admin') : await product.firstKey();
    return new BenchServer(github, product, sender, environment, apiKey, async () => {
      await rm(dataDir, { recursive: true, force: true });
      await database?.drop();
    });
  }

  /** @throws when the sender ended without an answer */
  async send(order: Omit<Order, 'url' | 'database'>): Promise<LoadResult> {
    const leaving = new AbortController();
    const { signal } = leaving;
    const answer = once(this.sender, 'message', { signal });
    const ended = once(this.sender, 'exit', { signal }).then(() => {
      throw new Error('The sender ended.');
    });
    this.sender.send({ ...order, url: this.product.url, database: this.environment } satisfies Order);
    try {
      return ((await Promise.race([answer, ended])) as [LoadResult])[0];
    } finally {
      ended.catch(() => undefined);
      answer.catch(() => undefined);
      leaving.abort();
    }
  }

  /** Processor time of the server's process. */
  async cpuMs(): Promise<number> {
    const metrics = await (await this.ask('/metrics')).text();
    return Number(/^process_cpu_seconds_total(?:\{.*\})? (\S+)/m.exec(metrics)![1]) * 1_000;
  }

  /** What the embedded server has done so far; null without one. */
  async hostFigures(): Promise<HostFigures | null> {
    const { host } = await this.get<{ host: HostFigures | null }>('/api/v1/performance/database');
    return host;
  }

  /** Statements by what they took between two looks, that with most first. */
  between(earlier: HostFigures, later: HostFigures): { statement: string; count: number; ms: number }[] {
    return later.slowest
      .map(({ statement, count, totalMs }) => {
        const then = earlier.slowest.find((each) => each.statement === statement);
        return { statement, count: count - (then?.count ?? 0), ms: totalMs - (then?.totalMs ?? 0) };
      })
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.ms - a.ms)
      .map((each) => ({ ...each, statement: each.statement.slice(0, 90) }));
  }

  /** Waits until the workers have diagnosed everything, two minutes at most: so that the next load starts from nothing. */
  async untilQuiet(): Promise<void> {
    const deadline = performance.now() + QUIET_LIMIT_MS;
    while (performance.now() < deadline) {
      const { items } = await this.get<{ items: unknown[] }>(
        '/api/v1/incidents?status=received,diagnosing&limit=1',
      );
      if (items.length === 0) return;
      await after(LOOK_AGAIN_MS);
    }
  }

  async stop(): Promise<void> {
    this.sender.disconnect();
    await this.product.stop();
    await this.github.close();
    await this.cleanUp();
  }

  private async get<T>(path: string): Promise<T> {
    return (await (await this.ask(path)).json()) as T;
  }

  private async ask(path: string): Promise<Response> {
    const response = await fetch(`${this.product.url}${path}`, {
      headers: { authorization: `Bearer ${this.apiKey}` },
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }
}

async function createDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `devflowfix_bench_${process.pid}`;
  const run = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}
