import type { Multiplexer } from './multiplexer.js';

export const MAINTENANCE_INTERVAL_MS = 10 * 60_000;

/** As PostgreSQL's autovacuum decides, which an embedded server doesn't have. */
const TABLES_TO_VACUUM = `
  SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables
  WHERE n_dead_tup > 50 + 0.2 * n_live_tup OR n_mod_since_analyze > 50 + 0.1 * n_live_tup
  ORDER BY n_dead_tup DESC`;

/** Vacuums what changed, one table a turn so that clients wait for one at most, and writes a checkpoint. */
export async function maintainDatabase(multiplexer: Multiplexer): Promise<string[]> {
  // A server that works in bursts has figures it did not count in yet.
  await multiplexer.maintain('SELECT pg_stat_force_next_flush()');
  const tables = (await multiplexer.maintain(TABLES_TO_VACUUM)).map(([table]) => table!);
  for (const table of tables) await multiplexer.maintain(`VACUUM (ANALYZE) ${table}`);
  await multiplexer.maintain('CHECKPOINT');
  return tables;
}
