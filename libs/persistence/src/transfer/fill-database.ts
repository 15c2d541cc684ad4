import type { Query } from '../database.js';
import { TargetNotEmpty, TransferMismatch } from './transfer-errors.js';
import { tableShapes, type TableShape } from './table-shape.js';
import { digestOf, fixTextForms, type TableDigest, type TextRow } from './table-rows.js';

/** A table's rows as they come, and what they must add up to, which is known once all have come. */
export interface IncomingTable {
  readonly shape: TableShape;
  readonly batches: AsyncIterable<readonly TextRow[]>;
  digest(): TableDigest;
}

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/**
 * Fills an empty database of this version's schema, in the transaction of `query`: rows first, then the foreign keys that
 * hold them together, then vector indexes. Reads everything back and compares it.
 * @throws TargetNotEmpty, TransferMismatch; the transaction must be given up then
 */
export async function fillDatabase(
  query: Query,
  tables: AsyncIterable<IncomingTable>,
): Promise<ReadonlyMap<string, TableDigest>> {
  await fixTextForms(query);
  const own = new Map((await tableShapes(query)).map((shape) => [shape.name, shape]));
  for (const { name } of own.values()) await assertEmpty(query, name);
  const foreignKeys = await query<ForeignKey>(
    `SELECT conrelid::regclass::text AS table, format('%I', conname) AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`,
  );
  // Tables refer to each other in circles: no order of theirs would do.
  for (const { table, name } of foreignKeys) await query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  // What triggers would write comes with the other rows.
  const triggered = await triggeredTables(query);
  for (const table of triggered) await query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);

  const digests = new Map<string, TableDigest>();
  for await (const incoming of tables) {
    const shape = own.get(incoming.shape.name);
    if (!shape) throw new TransferMismatch(incoming.shape.name, 'there is no such table');
    await dropVectorIndexes(query, shape);
    await adaptVectors(query, shape, incoming.shape);
    for await (const batch of incoming.batches) await insert(query, incoming.shape, batch);
    const expected = incoming.digest();
    const written = await digestOf(query, incoming.shape);
    if (written.rows !== expected.rows || written.sha256 !== expected.sha256) {
      throw new TransferMismatch(
        incoming.shape.name,
        `${expected.rows} rows with the checksum ${expected.sha256.slice(0, 12)} were read, ${written.rows} with ${written.sha256.slice(0, 12)} are there`,
      );
    }
    await continueNumbering(query, incoming.shape);
    for (const definition of incoming.shape.vectorIndexes) await query(definition);
    digests.set(incoming.shape.name, written);
    own.delete(incoming.shape.name);
  }
  const [missing] = own.keys();
  if (missing !== undefined) throw new TransferMismatch(missing, 'nothing came for it');
  for (const { table, name, definition } of foreignKeys) {
    await query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  }
  for (const table of triggered) await query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  return digests;
}

async function triggeredTables(query: Query): Promise<readonly string[]> {
  const rows = await query<{ table: string }>(
    `SELECT DISTINCT t.tgrelid::regclass::text AS table FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace`,
  );
  return rows.map(({ table }) => table);
}

async function assertEmpty(query: Query, table: string): Promise<void> {
  const [row] = await query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${table}`);
  if (row!.count > 0) throw new TargetNotEmpty(table, row!.count);
}

async function dropVectorIndexes(query: Query, { vectorIndexes }: TableShape): Promise<void> {
  for (const definition of vectorIndexes) {
    await query(`DROP INDEX ${/^CREATE (?:UNIQUE )?INDEX (\S+) ON/.exec(definition)![1]}`);
  }
}

/** Embeddings are as wide as the embedder's that made them. */
async function adaptVectors(query: Query, own: TableShape, incoming: TableShape): Promise<void> {
  for (const { name, type } of incoming.columns) {
    const column = own.columns.find((candidate) => candidate.name === name);
    if (column === undefined || column.type === type) continue;
    if (!/^(?:half)?vec/.test(type))
      throw new TransferMismatch(own.name, `${name} is ${column.type}, not ${type}`);
    await query(`ALTER TABLE ${own.name} ALTER COLUMN ${name} TYPE ${type}`);
  }
}

async function insert(query: Query, { name, columns }: TableShape, batch: readonly TextRow[]): Promise<void> {
  const names = columns.map((column) => column.name).join(', ');
  const values = columns.map(({ type }, index) => `c${index}::${type}`).join(', ');
  const places = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const aliases = columns.map((_, index) => `c${index}`).join(', ');
  await query(
    `INSERT INTO ${name} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM unnest(${places}) AS given (${aliases})`,
    columns.map((_, index) => batch.map((row) => row[index])),
  );
}

/** The next row gets the next number. */
async function continueNumbering(query: Query, { name, identity }: TableShape): Promise<void> {
  if (identity === null) return;
  await query(
    `SELECT setval(pg_get_serial_sequence($1, $2), (SELECT max(${identity}) FROM ${name}))
     WHERE EXISTS (SELECT FROM ${name})`,
    [name, identity],
  );
}
