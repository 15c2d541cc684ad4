import type { Query } from '../database.js';

/** A table as far as its rows are copied. Names are as SQL writes them. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Its primary key: orders the rows alike everywhere. */
  readonly key: readonly string[];
  /** A column that numbers rows by itself; null when there is none. */
  readonly identity: string | null;
  /** SQL that makes its vector indexes, which are quicker made than kept while rows come in. */
  readonly vectorIndexes: readonly string[];
}

/** Every table of the product but that of the migrations; columns that are computed from others are left out. */
export async function tableShapes(query: Query): Promise<readonly TableShape[]> {
  return query<TableShape>(
    `SELECT format('%I', c.relname) AS name,
       (SELECT jsonb_agg(jsonb_build_object('name', format('%I', a.attname), 'type', format_type(a.atttypid, a.atttypmod))
          ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       ARRAY(SELECT format('%I', a.attname) FROM pg_index i
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisprimary
         ORDER BY array_position(i.indkey::smallint[], a.attnum)) AS key,
       (SELECT format('%I', a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attidentity <> '') AS identity,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
         JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
         WHERE i.indrelid = c.oid AND m.amname IN ('hnsw', 'ivfflat')
         ORDER BY x.relname) AS "vectorIndexes"
     FROM pg_class c
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'migrations'
     ORDER BY c.relname`,
  );
}

/** The migrations that a database went through, in order. */
export async function migrationsOf(query: Query): Promise<readonly string[]> {
  const rows = await query<{ name: string }>('SELECT name FROM migrations ORDER BY timestamp, name');
  return rows.map(({ name }) => name);
}
