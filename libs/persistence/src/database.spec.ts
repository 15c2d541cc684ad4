import { SystemClock } from '@app/telemetry';
import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { Database } from './database.js';

const lost = (): Error => new Error('Connection terminated unexpectedly');

/** A database whose statements end like these, one after the other. */
function databaseOf(...endings: (Error | readonly object[])[]): Database {
  const createQueryRunner = () => ({
    query: async () => {
      const ending = endings.shift()!;
      if (ending instanceof Error) throw ending;
      return { records: ending };
    },
    release: async () => undefined,
  });
  return new Database({ createQueryRunner } as unknown as DataSource, new SystemClock());
}

describe('Database', () => {
  it('asks again what only reads, when the connection was lost on the way', async () => {
    expect(await databaseOf(lost(), lost(), [{ n: 1 }]).read('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('gives up at the third loss', async () => {
    const database = databaseOf(lost(), lost(), lost(), [{ n: 1 }]);
    await expect(database.read('SELECT 1 AS n')).rejects.toMatchObject({ code: 'database_away' });
  });

  it('does not repeat what may have been done', async () => {
    const database = databaseOf(lost(), [{ n: 1 }]);
    await expect(database.query('INSERT INTO t DEFAULT VALUES')).rejects.toMatchObject({
      code: 'database_away',
      retryable: true,
    });
  });
});
