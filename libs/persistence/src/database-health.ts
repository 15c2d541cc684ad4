import type { Database } from './database.js';

const PING_DEADLINE_MS = 2_000;

export interface DatabaseState {
  readonly ok: boolean;
  readonly latencyMs: number;
  /** Why not; absent when it answers. */
  readonly detail?: string;
}

/** Whether the database answers, for readiness. */
export class DatabaseHealth {
  constructor(private readonly database: Database) {}

  /** Never throws, and takes two seconds at most. */
  async ping(): Promise<DatabaseState> {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer within ${PING_DEADLINE_MS} ms`)),
        PING_DEADLINE_MS,
      );
    });
    try {
      await Promise.race([this.database.query('SELECT 1'), deadline]);
      return { ok: true, latencyMs: performance.now() - startedAt };
    } catch (error) {
      return { ok: false, latencyMs: performance.now() - startedAt, detail: (error as Error).message };
    } finally {
      clearTimeout(timer);
    }
  }
}
