import { Worker } from 'node:worker_threads';
import type { Log, LogFields } from '@app/domain';
import { connectEmbedded } from '@app/persistence';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freshDataDir, type FreshDataDir } from '../../support/fresh-data-dir.js';

/** Remembers what is logged, and wakes whoever waits for an event. */
class LogOfEvents implements Log {
  readonly entries: { event: string; fields: LogFields }[] = [];
  private wake: () => void = () => undefined;

  debug = (fields: LogFields, event: string): void => this.add(fields, event);
  info = (fields: LogFields, event: string): void => this.add(fields, event);
  warn = (fields: LogFields, event: string): void => this.add(fields, event);
  error = (fields: LogFields, event: string): void => this.add(fields, event);
  child = (): Log => this;

  async until(event: string, times = 1): Promise<void> {
    while (this.entries.filter((entry) => entry.event === event).length < times) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private add(fields: LogFields, event: string): void {
    this.entries.push({ event, fields });
    this.wake();
  }
}

function poolOf(socketDir: string): Pool {
  return new Pool({ host: socketDir, user: 'postgres', database: 'postgres' }).on('error', () => undefined);
}

describe('the host of an embedded database', () => {
  let dir: FreshDataDir;
  let log: LogOfEvents;
  beforeEach(async () => {
    dir = await freshDataDir();
    log = new LogOfEvents();
  });
  afterEach(() => dir.remove());

  it('vacuums what changed and leaves clients in their transactions alone', async () => {
    const connection = await connectEmbedded(dir.path, log);
    const pool = poolOf(connection.socketDir);
    await pool.query('CREATE TABLE busy (id integer PRIMARY KEY, value integer)');
    await pool.query('INSERT INTO busy SELECT n, 0 FROM generate_series(1, 500) n');
    await pool.query('UPDATE busy SET value = 1');
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('UPDATE busy SET value = 2 WHERE id = 1');

    const maintained = connection.host!.maintain();
    await client.query('COMMIT');
    client.release();
    await maintained;
    expect(log.entries.at(-1)).toMatchObject({ event: 'embedded_database_maintained' });
    const { rows } = await pool.query<{ vacuumed: boolean; dead: string; value: number }>(
      `SELECT last_vacuum IS NOT NULL AS vacuumed, n_dead_tup AS dead, (SELECT value FROM busy WHERE id = 1) AS value
       FROM pg_stat_user_tables WHERE relname = 'busy'`,
    );
    expect(rows).toEqual([{ vacuumed: true, dead: '0', value: 2 }]);
    await pool.end();
    await connection.close();
  });

  it('keeps settings of clients out of its own work, and its own out of theirs', async () => {
    const connection = await connectEmbedded(dir.path, log);
    const pool = new Pool({
      host: connection.socketDir,
      user: 'postgres',
      database: 'postgres',
      options: '-c search_path=elsewhere',
    });
    await pool.query('CREATE SCHEMA elsewhere');
    await connection.host!.maintain();
    expect(log.entries.filter(({ event }) => event.endsWith('failed'))).toEqual([]);
    expect((await pool.query('SHOW search_path')).rows).toEqual([{ search_path: 'elsewhere' }]);
    await pool.end();
    await connection.close();
  });

  it('ends what is under way with an error, and silently who has said good-bye', async () => {
    const connection = await connectEmbedded(dir.path, log);
    const pools = Array.from({ length: 5 }, () => poolOf(connection.socketDir));
    await Promise.all(pools.map((pool) => pool.query('SELECT 1')));
    const unheard = new Pool({ host: connection.socketDir, user: 'postgres', database: 'postgres' });
    await unheard.query('SELECT 1');
    const owner = await pools[0]!.connect();
    const errors: unknown[] = [];
    owner.on('error', (error) => errors.push(error));
    await owner.query('BEGIN');
    const waiting = pools[1]!.query('SELECT 1').catch((error: unknown) => error);
    // A pool has ended when its connections were told to, not when they have: an error now would be nobody's.
    await unheard.end();
    await connection.close();
    expect(await waiting).toBeInstanceOf(Error);
    expect(errors[0]).toMatchObject({ code: '57P01' });
    owner.release(true);
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it('starts its thread anew when it dies, with every committed row, unless it dies again and again', async () => {
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    const connection = await connectEmbedded(dir.path, log);
    const host = connection.host!;
    const killThread = async (): Promise<void> => {
      await host.maintain();
      await (posted.mock.contexts.at(-1) as Worker).terminate();
    };
    const pool = poolOf(connection.socketDir);
    await pool.query('CREATE TABLE kept (id integer)');
    for (let death = 1; death <= 3; death++) {
      await pool.query('INSERT INTO kept VALUES ($1)', [death]);
      await killThread();
      await log.until('embedded_database_ready', 1 + death);
      const { rows } = await pool.query<{ id: number }>('SELECT id FROM kept ORDER BY id');
      expect(rows.map(({ id }) => id)).toEqual([1, 2, 3].slice(0, death));
    }
    await killThread();
    const deaths = log.entries.filter(({ event }) => event === 'embedded_database_ended');
    expect(deaths.map(({ fields }) => fields['restarting'])).toEqual([true, true, true, false]);
    await expect(pool.query('SELECT 1')).rejects.toThrow(/^connect /);
    posted.mockRestore();
    await pool.end();
    await connection.close();
  });
});
