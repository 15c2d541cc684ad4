import type { DatabaseFiguresReport } from '../database-figures.js';

/** What the host thread is started with. */
export interface HostThreadData {
  readonly databaseDir: string;
  readonly socketPath: string;
  readonly idleInTransactionMs: number;
  readonly maintenanceIntervalMs: number;
}

/** What the host thread has done since it started. */
export interface HostFigures extends DatabaseFiguresReport {
  /** Processor time of the thread: beside `totalMs` it tells how much of that was waiting for a processor. */
  readonly cpuMs: number;
}

/** From the host thread to the process. */
export type HostReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'maintained'; readonly tables: readonly string[]; readonly ms: number }
  | { readonly kind: 'maintenance_failed'; readonly error: string }
  | { readonly kind: 'figures'; readonly figures: HostFigures };

/** From the process to the host thread. */
export type HostOrder = 'maintain' | 'figures' | 'close';
