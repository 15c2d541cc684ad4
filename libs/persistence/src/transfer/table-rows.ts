import { createHash } from 'node:crypto';
import type { Query } from '../database.js';
import type { TableShape } from './table-shape.js';

/** A row's columns as PostgreSQL writes them as text, in the order of the shape. */
export type TextRow = readonly (string | null)[];

/** What a table's rows add up to. */
export interface TableDigest {
  readonly rows: number;
  /** SHA-256 over all rows in the order of the primary key, hex. */
  readonly sha256: string;
}

const FIRST_BATCH = 50;
const MAX_BATCH = 2_000;
/** A batch that is larger is followed by a smaller one: logs are long, events short. */
const MOST_CHARS = 4_000_000;
const FEW_CHARS = 500_000;

/** So that both sides write dates and numbers alike. To be run at the beginning of the transaction. */
export async function fixTextForms(query: Query): Promise<void> {
  await query(`SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, MDY', true),
    set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),
    set_config('bytea_output', 'hex', true)`);
}

/** All rows of a table in the order of its key, batch by batch. Inside a transaction, which the cursor lives in. */
export async function* rowsOf(query: Query, shape: TableShape): AsyncGenerator<readonly TextRow[]> {
  const columns = shape.columns.map(({ name }) => `${name}::text`).join(', ');
  const order = shape.key.map((name) => `${name}::text COLLATE "C"`).join(', ');
  await query(`DECLARE transfer_rows NO SCROLL CURSOR FOR
    SELECT ARRAY[${columns}] AS row FROM ${shape.name}${order === '' ? '' : ` ORDER BY ${order}`}`);
  for (let size = FIRST_BATCH; ;) {
    const batch = await query<{ row: TextRow }>(`FETCH ${size} FROM transfer_rows`);
    if (batch.length === 0) break;
    yield batch.map(({ row }) => row);
    const chars = batch.reduce((sum, { row }) => sum + charsOf(row), 0);
    if (chars > MOST_CHARS) size = Math.max(1, Math.floor(size / 4));
    else if (chars < FEW_CHARS) size = Math.min(MAX_BATCH, size * 2);
  }
  await query('CLOSE transfer_rows');
}

function charsOf(row: TextRow): number {
  return row.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

/** Adds rows up to what tells two tables apart. */
export class Digesting {
  private readonly hash = createHash('sha256');
  private count = 0;

  add(row: TextRow): void {
    this.count++;
    this.hash.update(JSON.stringify(row)).update('\n');
  }

  end(): TableDigest {
    return { rows: this.count, sha256: this.hash.digest('hex') };
  }
}

/** Reads a table only to add it up. */
export async function digestOf(query: Query, shape: TableShape): Promise<TableDigest> {
  const digesting = new Digesting();
  for await (const batch of rowsOf(query, shape)) for (const row of batch) digesting.add(row);
  return digesting.end();
}
