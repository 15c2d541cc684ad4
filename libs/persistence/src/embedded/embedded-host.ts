import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Log } from '@app/domain';
import { DataDirLock } from './data-dir-lock.js';
import type { HostFigures, HostOrder, HostReport, HostThreadData } from './host-messages.js';
import { MAINTENANCE_INTERVAL_MS } from './maintenance.js';
import { DATABASE_DIR } from './database-dir.js';
import { makeSocketDir, SOCKET_FILE, socketDirOf } from './socket-dir.js';

const IDLE_IN_TRANSACTION_MS = 15_000;
/** A thread that died this often within the time is not started anew: something is wrong that no restart mends. */
const MAX_RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

export interface EmbeddedHostOptions {
  /** A client may leave a transaction open this long without a word. Default 15 s. */
  readonly idleInTransactionMs?: number;
  /** Time between two VACUUM and CHECKPOINT rounds. Default 10 min. */
  readonly maintenanceIntervalMs?: number;
}

/** The embedded PostgreSQL of a data directory, run by a thread of this process. */
export class EmbeddedHost {
  private thread: Worker | null = null;
  private isClosing = false;
  /** When the thread was started anew. */
  private restarts: number[] = [];

  private constructor(
    private readonly lock: DataDirLock,
    private readonly data: HostThreadData,
    private readonly log: Log,
  ) {}

  /**
   * Takes the data directory and starts the server; a fresh directory gets its database first, which takes seconds.
   * @throws DataDirInUse
   */
  static async start(dataDir: string, log: Log, options: EmbeddedHostOptions = {}): Promise<EmbeddedHost> {
    const socketDir = socketDirOf(dataDir);
    const lock = DataDirLock.acquire(dataDir, socketDir);
    try {
      makeSocketDir(socketDir);
      const data: HostThreadData = {
        databaseDir: join(dataDir, DATABASE_DIR),
        socketPath: join(socketDir, SOCKET_FILE),
        idleInTransactionMs: options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS,
        maintenanceIntervalMs: options.maintenanceIntervalMs ?? MAINTENANCE_INTERVAL_MS,
      };
      const host = new EmbeddedHost(lock, data, log);
      await host.startThread();
      return host;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get socketDir(): string {
    return this.lock.holder.socketDir;
  }

  /** VACUUM and CHECKPOINT now rather than at the next interval; resolves when the thread has reported. */
  async maintain(): Promise<void> {
    await this.ask('maintain', ({ kind }) => kind === 'maintained' || kind === 'maintenance_failed');
  }

  /** What the thread has done since it started; null while it is away. */
  async figures(): Promise<HostFigures | null> {
    const report = await this.ask('figures', ({ kind }) => kind === 'figures');
    return report?.kind === 'figures' ? report.figures : null;
  }

  /**
   * Hands over: lets clients finish what they are at (five seconds at most), ends their connections, closes the database
   * and frees the directory, in this order. Those of them that stay elect the next host.
   */
  async close(): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    if (this.thread) {
      const ended = once(this.thread, 'exit');
      this.order('close');
      await ended;
    }
    this.lock.release();
  }

  private async startThread(): Promise<void> {
    const startedAt = performance.now();
    let isReady = false;
    const thread = new Worker(threadEntry(), { workerData: this.data });
    this.thread = thread;
    await new Promise<void>((resolve, reject) => {
      thread.on('message', (report: HostReport) => {
        if (report.kind === 'ready') {
          isReady = true;
          resolve();
        }
        this.note(report, performance.now() - startedAt);
      });
      thread.once('error', (error) => {
        this.log.error({ error: error.message }, 'embedded_database_failed');
        reject(error);
      });
      thread.once('exit', (code) => {
        reject(new Error(`The embedded database ended with code ${code} before it was ready.`));
        this.thread = null;
        if (!this.isClosing && isReady) this.restart(code);
      });
    });
  }

  private restart(code: number): void {
    const now = performance.now();
    this.restarts = this.restarts.filter((at) => now - at < RESTARTS_WITHIN_MS);
    const again = this.restarts.length < MAX_RESTARTS;
    this.log.error({ code, restarting: again }, 'embedded_database_ended');
    if (!again) return;
    this.restarts.push(now);
    this.startThread().catch((error: Error) =>
      this.log.error({ error: error.message }, 'embedded_database_restart_failed'),
    );
  }

  private note(report: HostReport, ms: number): void {
    if (report.kind === 'ready') this.log.info({ ms: Math.round(ms) }, 'embedded_database_ready');
    else if (report.kind === 'maintained')
      this.log.debug({ tables: report.tables.length, ms: report.ms }, 'embedded_database_maintained');
    else if (report.kind === 'maintenance_failed')
      this.log.warn({ error: report.error }, 'embedded_database_maintenance_failed');
  }

  /** The thread's answer; null when it ended before, or is away. */
  private async ask(order: HostOrder, isAnswer: (report: HostReport) => boolean): Promise<HostReport | null> {
    const { thread } = this;
    if (!thread) return null;
    const answer = new Promise<HostReport | null>((resolve) => {
      const done = (report: HostReport | null): void => {
        thread.off('message', hear).off('exit', ended);
        resolve(report);
      };
      const hear = (report: HostReport): void => void (isAnswer(report) && done(report));
      const ended = (): void => done(null);
      thread.on('message', hear).once('exit', ended);
    });
    this.order(order);
    return answer;
  }

  private order(order: HostOrder): void {
    this.thread?.postMessage(order);
  }
}

/** The built thread: also when this file itself runs from its TypeScript source, as it does in tests. */
function threadEntry(): string {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts')
    ? resolve(here, '../../../../../dist/libs/persistence/src/embedded/host-thread.js')
    : resolve(here, '../host-thread.js');
}
