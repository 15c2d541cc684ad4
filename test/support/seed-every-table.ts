import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';

interface Column {
  readonly table: string;
  readonly column: string;
  /** As PostgreSQL writes it: `vector(768)`, `text[]`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  /** The table whose row this one's names; null when it is no foreign key. */
  readonly target: string | null;
}

/** Values for columns that the rules below can't fill. By `table.column`. */
export type SpecialValues = Readonly<Record<string, unknown>>;

/**
 * Puts a row into every table, of whatever version the schema is: foreign keys point to the rows made here, texts hold
 * `marker`. Answers the rows' primary keys by table, where they are one uuid or text.
 */
export async function seedEveryTable(
  dataSource: DataSource,
  marker: string,
  special: (ids: ReadonlyMap<string, string>) => SpecialValues,
  without: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const tables = Map.groupBy(await columnsOf(dataSource), ({ table }) => table);
  const ids = new Map<string, string>();
  // What has no foreign key comes last: it may name rows all the same.
  const place = (table: string) =>
    table === 'projects' ? 0 : tables.get(table)!.some(({ target }) => target !== null) ? 1 : 2;
  const waiting = [...tables.keys()]
    .filter((table) => !without.includes(table))
    .toSorted((a, b) => place(a) - place(b));
  while (waiting.length > 0) {
    const next = waiting.findIndex((table) =>
      tables.get(table)!.every(({ target, nullable }) => target === null || nullable || ids.has(target)),
    );
    if (next === -1) throw new Error(`These tables wait for each other: ${waiting.join(', ')}`);
    const [table] = waiting.splice(next, 1);
    ids.set(table!, await insert(dataSource, tables.get(table!)!, ids, { marker, special: special(ids) }));
  }
  return ids;
}

async function insert(
  dataSource: DataSource,
  columns: readonly Column[],
  ids: ReadonlyMap<string, string>,
  { marker, special }: { marker: string; special: SpecialValues },
): Promise<string> {
  const given = columns.flatMap((column): [string, unknown][] => {
    const known = special[`${column.table}.${column.column}`];
    if (known !== undefined) return [[column.column, known]];
    if (column.target !== null) {
      const id = ids.get(column.target);
      return id === undefined ? [] : [[column.column, id]];
    }
    if (column.column === 'project_id' && ids.has('projects')) return [[column.column, ids.get('projects')]];
    if (column.column === 'id' && column.type === 'uuid') return [[column.column, randomUUID()]];
    if (column.hasDefault || (column.nullable && !/text|jsonb/.test(column.type))) return [];
    return [[column.column, valueOf(column, marker)]];
  });
  const { table } = columns[0]!;
  const values = given.map(
    ([name], index) => `$${index + 1}::${columns.find(({ column }) => column === name)!.type}`,
  );
  await dataSource.query(
    `INSERT INTO ${table} (${given.map(([name]) => name).join(', ')}) VALUES (${values.join(', ')})`,
    given.map(([, value]) => value),
  );
  return String(new Map(given).get('id') ?? marker);
}

function valueOf({ type }: Column, marker: string): unknown {
  const dimensions = /vector\((\d+)\)/.exec(type)?.[1];
  if (dimensions !== undefined) return JSON.stringify(Array.from({ length: Number(dimensions) }, () => 0.5));
  if (type.endsWith('[]')) return '{}';
  if (type === 'jsonb') return JSON.stringify({ marker });
  if (type === 'uuid') return randomUUID();
  if (type.startsWith('timestamp')) return new Date('2026-01-01T00:00:00Z');
  if (type === 'boolean') return false;
  if (type === 'bytea') return Buffer.from(marker);
  if (type === 'tsvector') return 'seeded:1';
  return type === 'text' ? marker : 1;
}

async function columnsOf(dataSource: DataSource): Promise<Column[]> {
  return dataSource.query<Column[]>(
    `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS nullable, a.atthasdef OR a.attidentity <> '' AS "hasDefault",
       (SELECT t.relname FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]) AS target
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attgenerated = ''
     ORDER BY c.relname, a.attnum`,
  );
}
