import { DomainError, sealedContext, SecretUnreadable, type SecretBox } from '@app/domain';
import type { Database } from '../database.js';

const BATCH = 200;

interface SealedColumn {
  readonly table: string;
  readonly column: `${string}_sealed`;
  /** SQL of the row's primary key as text. */
  readonly id: string;
}

export interface Rotation {
  /** Secrets that are sealed with the newest key now and were not before. */
  readonly resealed: number;
  /** Secrets that were sealed with the newest key already. */
  readonly current: number;
  /** What could not be opened, and why. They are left as they are. */
  readonly unreadable: readonly { readonly context: string; readonly reason: string }[];
}

/** Sealed secrets exist whose key is not there. */
export class SecretsLocked extends DomainError {
  readonly code = 'secrets_locked';
}

/**
 * Every secret in the database, wherever it stands: the columns whose names end in `_sealed` are asked of the database
 * itself, so that a new one is never forgotten.
 */
export class SealedSecrets {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  /**
   * That every secret can be opened, as far as their keys' names say.
   * @throws SecretsLocked naming what is missing
   */
  async assertKeys(): Promise<void> {
    const missing = new Map<string, number>();
    const known = new Set(this.box.keyIds());
    for (const { table, column } of await this.columns()) {
      const rows = await this.database.read<{ key: string; count: number }>(
        `SELECT split_part(${column}, '.', 2) AS key, count(*)::integer AS count FROM ${table}
         WHERE ${column} IS NOT NULL GROUP BY 1`,
      );
      for (const { key, count } of rows) {
        if (!known.has(key)) missing.set(key, (missing.get(key) ?? 0) + count);
      }
    }
    if (missing.size === 0) return;
    const list = [...missing].map(([key, count]) => `${count} with the key ${key}`).join(', ');
    throw new SecretsLocked(
      `The database holds sealed secrets that can’t be opened: ${list}. Set that key as SECRETS_KEY, or as SECRETS_KEY_PREVIOUS beside the one that replaces it; a key file belongs beside the database it was made for.`,
      { keyIds: [...missing.keys()] },
    );
  }

  /** Seals anew whatever another key than the newest sealed; may be run again at any time. */
  async rotate(): Promise<Rotation> {
    let resealed = 0;
    let current = 0;
    const unreadable: Rotation['unreadable'][number][] = [];
    const [newest] = this.box.keyIds();
    for (const column of await this.columns()) {
      for await (const { id, sealed } of this.rows(column)) {
        if (this.box.keyIdOf(sealed) === newest) {
          current++;
          continue;
        }
        try {
          if (await this.reseal(column, id, sealed)) resealed++;
        } catch (error) {
          if (!(error instanceof SecretUnreadable)) throw error;
          const context = sealedContext(column.table, column.column, id);
          unreadable.push({ context, reason: error.message });
        }
      }
    }
    return { resealed, current, unreadable };
  }

  /** False when somebody replaced the secret meanwhile. */
  private async reseal({ table, column, id: key }: SealedColumn, id: string, sealed: string) {
    const context = sealedContext(table, column, id);
    const anew = this.box.seal(this.box.open(sealed, context), context);
    const changed = await this.database.query(
      `UPDATE ${table} SET ${column} = $1 WHERE ${key} = $2 AND ${column} = $3 RETURNING 1`,
      [anew, id, sealed],
    );
    return changed.length > 0;
  }

  private async *rows({ table, column, id }: SealedColumn): AsyncGenerator<{ id: string; sealed: string }> {
    for (let after: string | null = null; ;) {
      const rows: readonly { id: string; sealed: string }[] = await this.database.query(
        `SELECT ${id} AS id, ${column} AS sealed FROM ${table}
         WHERE ${column} IS NOT NULL AND ($1::text IS NULL OR ${id} > $1) ORDER BY 1 LIMIT ${BATCH}`,
        [after],
      );
      yield* rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)!.id;
    }
  }

  private async columns(): Promise<SealedColumn[]> {
    const rows = await this.database.read<{ table: string; column: `${string}_sealed`; keys: string[] }>(
      `SELECT c.table_name AS table, c.column_name AS column,
         ARRAY(SELECT format('%I', a.attname) FROM pg_index i
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
           WHERE i.indrelid = format('%I.%I', c.table_schema, c.table_name)::regclass AND i.indisprimary
           ORDER BY array_position(i.indkey::smallint[], a.attnum)) AS keys
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE c.table_schema = current_schema() AND c.column_name LIKE '%\\_sealed' AND t.table_type = 'BASE TABLE'
       ORDER BY 1, 2`,
    );
    return rows.map(({ table, column, keys }) => ({
      table,
      column,
      id: keys.map((key) => `${key}::text`).join(` || ':' || `),
    }));
  }
}
