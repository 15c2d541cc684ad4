import {
  GithubStandIn,
  signedDelivery,
  workflowJobEvent,
  workflowRunEvent,
  type JobSeed,
  type RunSeed,
} from '@app/github';
import { newSecretKey } from '@app/persistence';
import { createKey } from './cli.js';
import { freshDataDir, type FreshDataDir } from './fresh-data-dir.js';
import { freshStore, givenServer, type FreshStore } from './fresh-store.js';
import { ProductProcess, freePort } from './product-process.js';

export const WEBHOOK_SECRET = 'new-secret';
export const PREVIOUS_SECRET = 'old-secret';

/** The product as `npm start` runs it on embedded parts (or on the server that tests were given), with GitHub's stand-in. */
export class RunningProduct {
  private constructor(
    private running: ProductProcess,
    private readonly environment: Record<string, string>,
    readonly github: GithubStandIn,
    private readonly data: FreshDataDir,
    private readonly store: FreshStore | null,
    readonly apiKey: string,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<RunningProduct> {
    const data = await freshDataDir();
    const store = givenServer() === null ? null : await freshServerStore();
    const github = await GithubStandIn.start();
    const environment = {
      PORT: String(await freePort()),
      DATA_DIR: data.path,
      ...store?.environment,
      GITHUB_API_URL: github.url,
      GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
      GITHUB_WEBHOOK_SECRET_PREVIOUS: PREVIOUS_SECRET,
      QUEUE_BACKOFF_MS: '50',
      // Tests ask again and again until something has happened.
      RATELIMIT_ENABLED: 'false',
      ...env,
    };
    // A server's first key comes from a command: the product prints none.
    const key = store === null ? null : await createKey(store.environment, 'admin');
    const process = await ProductProcess.spawn('standalone', environment).ready();
    return new RunningProduct(process, environment, github, data, store, key ?? (await process.firstKey()));
  }

  get dataDir(): string {
    return this.data.path;
  }

  /** What a command needs to reach the same data. */
  get storeEnvironment(): Record<string, string> {
    return { DATA_DIR: this.data.path, ...this.store?.environment };
  }

  get process(): ProductProcess {
    return this.running;
  }

  /** Starts it again, after it was stopped or killed, over what it left behind. */
  async restart(): Promise<void> {
    this.running = await ProductProcess.spawn('standalone', this.environment).ready();
  }

  get url(): string {
    return this.process.url;
  }

  /** A request with the admin key unless `headers` says otherwise. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { authorization: `Bearer ${this.apiKey}`, ...init.headers },
    });
  }

  async json<T>(path: string, init?: RequestInit): Promise<T> {
    const response = await this.request(path, init);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  deliver(
    event: string,
    payload: unknown,
    options: { id?: string; secret?: string } = {},
  ): Promise<Response> {
    const { headers, body } = signedDelivery(event, payload, options.secret ?? WEBHOOK_SECRET, options.id);
    return fetch(`${this.url}/api/v1/webhooks/github`, { method: 'POST', headers, body });
  }

  /** Lets a job fail by its own webhook; answers the incident's id. */
  async failJob(run: RunSeed, job: JobSeed): Promise<string> {
    this.github.addRun({ ...run, jobs: [...(run.jobs ?? []), job] });
    const response = await this.deliver('workflow_job', workflowJobEvent(run, job));
    const answer = (await response.json()) as { incidents: string[] };
    return answer.incidents[0]!;
  }

  failRun(run: RunSeed): Promise<Response> {
    this.github.addRun(run);
    return this.deliver('workflow_run', workflowRunEvent(run));
  }

  /** Waits until `path` answers something that `enough` accepts. */
  async until<T>(path: string, enough: (answer: T) => boolean, limitMs = 20_000): Promise<T> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const answer = await this.json<T>(path);
      if (enough(answer)) return answer;
      if (performance.now() > deadline)
        throw new Error(`${path} still answers ${JSON.stringify(answer)}\n${this.process.printed}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Asks until the cache answers: work that is still going on may drop what was just stored. */
  async untilHit(path: string, limitMs = 20_000): Promise<Response> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const response = await this.request(path);
      if (response.headers.get('x-cache') === 'HIT') return response;
      if (performance.now() > deadline) throw new Error(`${path} is never answered from the cache`);
      await response.arrayBuffer();
    }
  }

  async stop(): Promise<void> {
    await this.process.stop();
    await this.github.close();
    await this.store?.remove();
    await this.data.remove();
  }
}

/** Secrets are kept beside a server only under a key of its own. */
async function freshServerStore(): Promise<FreshStore> {
  const { environment, remove } = await freshStore();
  return { environment: { ...environment, SECRETS_KEY: newSecretKey() }, remove };
}

/** A raw GitHub Actions log with one TypeScript error. */
export function failingLog(
  cause = "src/basket.ts(41,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  day = '04',
): string {
  const at = (second: number) => `2026-05-${day}T12:10:${second}.1234567Z`;
  return [
    `${at(10)} ##[group]Run npm run build`,
    `${at(10)} npm run build`,
    `${at(10)} shell: /usr/bin/bash -e {0}`,
    `${at(10)} ##[endgroup]`,
    `${at(11)} > widgets@1.4.0 build`,
    `${at(11)} > tsc -p .`,
    `${at(14)} ${cause}`,
    `${at(15)} ##[error]Process completed with exit code 2.`,
    `${at(16)} Post job cleanup.`,
    '',
  ].join('\n');
}
