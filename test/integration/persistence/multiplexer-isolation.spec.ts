import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedServer } from './embedded-server.js';
import { bind, EXECUTE, parse, RawClient, SYNC } from './raw-client.js';

describe('clients that share the embedded server’s session', () => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await EmbeddedServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const client = await server.client();
    await client.query('DROP SCHEMA IF EXISTS t CASCADE; CREATE SCHEMA t');
    await client.query('CREATE TABLE t.counter (value integer NOT NULL); INSERT INTO t.counter VALUES (0)');
    await client.query('CREATE TABLE t.rows (id integer PRIMARY KEY, data bytea)');
    await client.end();
  });

  describe('what each client has for itself', () => {
    it('is the search path of its start-up options', async () => {
      const own = await server.client({ options: '-c search_path="t"' });
      const other = await server.client();
      expect(await pathOf(own)).toBe('"t"');
      expect((await own.query('SELECT value FROM counter')).rows).toEqual([{ value: 0 }]);
      expect(await pathOf(other)).toBe('public');
      await expect(other.query('SELECT value FROM counter')).rejects.toMatchObject({ code: '42P01' });
      expect(await pathOf(own)).toBe('"t"');
    });

    it('is not what held for a transaction of another one', async () => {
      const [one, other] = [await server.client(), await server.client()];
      await one.query('BEGIN');
      await one.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await one.query(`SET work_mem = '7MB'`);
      await one.query('COMMIT');
      const shown = `SELECT current_setting('transaction_isolation') AS isolation, current_setting('work_mem') AS memory`;
      expect((await other.query(shown)).rows).toEqual([{ isolation: 'read committed', memory: '4MB' }]);
      expect((await one.query(shown)).rows).toEqual([{ isolation: 'read committed', memory: '7MB' }]);
    });

    it('are the settings that it made, however it made them', async () => {
      const [one, other] = [await server.client(), await server.client()];
      await one.query(`SET work_mem = '7MB'`);
      await one.query(`SELECT set_config('TimeZone', $1, false)`, ['Asia/Tokyo']);
      const settings = `SELECT current_setting('work_mem') AS memory, current_setting('TimeZone') AS zone`;
      expect((await other.query(settings)).rows).toEqual([{ memory: '4MB', zone: 'UTC' }]);
      expect((await one.query(settings)).rows).toEqual([{ memory: '7MB', zone: 'Asia/Tokyo' }]);
      await one.query('RESET work_mem');
      expect((await one.query(settings)).rows).toEqual([{ memory: '4MB', zone: 'Asia/Tokyo' }]);
    });

    it('ends with the transaction for SET LOCAL', async () => {
      const client = await server.client();
      await client.query('BEGIN');
      await client.query('SET LOCAL search_path TO t');
      expect(await pathOf(client)).toBe('t');
      await client.query('COMMIT');
      expect(await pathOf(client)).toBe('public');
    });

    it('are named prepared statements, also of the same name', async () => {
      const [one, two] = [await server.client(), await server.client()];
      for (let round = 0; round < 2; round++) {
        expect((await one.query({ name: 'q', text: 'SELECT 1 AS n' })).rows).toEqual([{ n: 1 }]);
        expect((await two.query({ name: 'q', text: 'SELECT $1::int + 1 AS n', values: [1] })).rows).toEqual([
          { n: 2 },
        ]);
      }
      await one.end();
      expect((await two.query('SELECT count(*)::int AS n FROM pg_prepared_statements')).rows).toEqual([
        { n: 1 },
      ]);
    });

    it('is the unnamed prepared statement between two rounds of one client', async () => {
      const other = await server.client();
      const raw = await RawClient.connect(server.socketPath);
      await raw.ask([parse('SELECT 41 + $1::int'), SYNC]);
      await other.query('SELECT $1::text', ['mine']);
      await other.query(`SET work_mem = '7MB'`);
      const answer = await raw.ask([bind('1'), EXECUTE, SYNC]);
      expect(answer).toMatchObject({ types: ['2', 'D', 'C', 'Z'] });
      expect(answer.bytes.toString('latin1')).toContain('42');
      raw.close();
    });

    it('never is the unnamed prepared statement of another client', async () => {
      const other = await server.client();
      const raw = await RawClient.connect(server.socketPath);
      await other.query('SELECT $1::text', ['secret']);
      const answer = await raw.ask([bind('1'), EXECUTE, SYNC]);
      expect(answer.types).toEqual(['E', 'Z']);
      raw.close();
    });
  });

  describe('what can’t be kept apart', () => {
    it.each([
      ['SELECT pg_advisory_lock(1)', /pg_advisory_xact_lock/],
      ['SELECT pg_try_advisory_lock(1, 2)', /pg_advisory_xact_lock/],
      ['SELECT pg_advisory_unlock_all()', /pg_advisory_xact_lock/],
      ['PREPARE p AS SELECT 1', /wire protocol/],
      ['/* all of it */ DISCARD ALL', /RESET/],
      ['SET ROLE pg_monitor', /SET LOCAL ROLE/],
      [`SET client_encoding TO 'LATIN1'`, /as it is/],
      ['COPY t.rows (id) FROM STDIN', /INSERT/],
    ])('is refused: %s', async (sql, hint) => {
      const client = await server.client();
      const error = { code: '0A000', hint: expect.stringMatching(hint) as string };
      await expect(client.query(sql)).rejects.toMatchObject(error);
      await client.query('BEGIN');
      await expect(client.query(sql)).rejects.toMatchObject(error);
      await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
      await client.query('ROLLBACK');
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    });

    it('is not mistaken for what only reads like it', async () => {
      const client = await server.client();
      const text = 'DISCARD ALL; SELECT pg_advisory_lock(1)';
      expect((await client.query('SELECT $1::text AS t', [text])).rows).toEqual([{ t: text }]);
      expect((await client.query(`SELECT '; ${text}' AS t -- DISCARD ALL`)).rows).toEqual([
        { t: `; ${text}` },
      ]);
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock(1), pg_try_advisory_xact_lock(2)');
      await client.query('COMMIT');
    });
  });
});

async function pathOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ search_path: string }>('SHOW search_path');
  return rows[0]!.search_path;
}
