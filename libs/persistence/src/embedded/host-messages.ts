/** What the host thread is started with. */
export interface HostThreadData {
  readonly databaseDir: string;
  readonly socketPath: string;
  readonly idleInTransactionMs: number;
  readonly maintenanceIntervalMs: number;
}

/** From the host thread to the process. */
export type HostReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'maintained'; readonly tables: readonly string[]; readonly ms: number }
  | { readonly kind: 'maintenance_failed'; readonly error: string };

/** From the process to the host thread. */
export type HostOrder = 'maintain' | 'close';
