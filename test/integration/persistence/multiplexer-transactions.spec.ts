import { once } from 'node:events';
import type { Client, Notification } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GOES_FIRST } from '../../../libs/persistence/src/goes-first.js';
import { EmbeddedServer } from './embedded-server.js';

const IDLE_LIMIT_MS = 400;

describe('the embedded server’s clients', () => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await EmbeddedServer.start({ idleInTransactionMs: IDLE_LIMIT_MS });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const client = await server.client();
    await client.query('DROP SCHEMA IF EXISTS t CASCADE; CREATE SCHEMA t');
    await client.query('CREATE TABLE t.counter (value integer NOT NULL); INSERT INTO t.counter VALUES (0)');
    await client.query('CREATE TABLE t.rows (id integer PRIMARY KEY, data bytea)');
    await client.end();
  });

  describe('what goes first', () => {
    it('passes those that wait longer, in its own order, and never a transaction', async () => {
      expect(await served(server, ['a', 'b', '!1', 'c', '!2'])).toEqual(['!1', '!2', 'a', 'b', 'c']);
    });

    it('lets who waits longest have a turn all the same', async () => {
      const urgent = Array.from({ length: 12 }, (_, index) => `!${index}`);
      const order = await served(server, ['a', ...urgent]);
      expect(order.indexOf('a')).toBe(8);
      expect(order.filter((name) => name !== 'a')).toEqual(urgent);
    });
  });

  describe('transactions', () => {
    it('keeps a counter right that 50 clients read and write in parallel transactions', async () => {
      const clients = await Promise.all(Array.from({ length: 50 }, () => server.client()));
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < 4; round++) {
            await client.query('BEGIN');
            const before = await counter(client);
            await client.query('UPDATE t.counter SET value = $1', [before + 1]);
            await client.query('COMMIT');
          }
        }),
      );
      expect(await counter(clients[0]!)).toBe(200);
    });

    it('lets a failed transaction answer as failed, and leaves nothing of it', async () => {
      const [one, other] = [await server.client(), await server.client()];
      await one.query('BEGIN');
      await one.query('UPDATE t.counter SET value = 7');
      await expect(one.query('SELECT nonsense')).rejects.toMatchObject({ code: '42703' });
      const waiting = counter(other);
      await expect(one.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
      await one.query('ROLLBACK');
      expect(await waiting).toBe(0);
    });

    it('rolls back what a client leaves open when its connection is cut', async () => {
      const [one, other] = [await server.client(), await server.client()];
      await one.query('BEGIN');
      await one.query('UPDATE t.counter SET value = 7');
      (one as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      expect(await counter(other)).toBe(0);
    });

    it('cuts off a client that idles in a transaction, and says why', async () => {
      const [one, other] = [await server.client(), await server.client()];
      const cut = once(one, 'error') as Promise<[Error & { code?: string }]>;
      await one.query('BEGIN');
      await one.query('UPDATE t.counter SET value = 7');
      expect(await counter(other)).toBe(0);
      const [error] = await cut;
      expect(error).toMatchObject({ code: '25P03' });
      expect(error.message).toContain(`${IDLE_LIMIT_MS} ms`);
    });

    it('gives rows to one of several takers only, with SKIP LOCKED', async () => {
      const clients = await Promise.all(Array.from({ length: 8 }, () => server.client()));
      await clients[0]!.query('INSERT INTO t.rows (id) SELECT generate_series(1, 40)');
      const taken = await Promise.all(
        clients.map(async (client) => {
          const own: number[] = [];
          for (;;) {
            const { rows } = await client.query<{ id: number }>(
              'DELETE FROM t.rows WHERE id = (SELECT id FROM t.rows ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id',
            );
            if (rows.length === 0) return own;
            own.push(rows[0]!.id);
          }
        }),
      );
      expect(taken.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    });
  });

  describe('LISTEN and NOTIFY', () => {
    it('tells every client that listens, the sender too, and no other', async () => {
      const [one, two, deaf] = [await server.client(), await server.client(), await server.client()];
      const heard: Notification[] = [];
      deaf.on('notification', (notification) => heard.push(notification));
      await one.query('LISTEN news');
      await two.query('LISTEN "news"');
      const both = Promise.all([next(one), next(two)]);
      await one.query(`SELECT pg_notify('news', 'hello')`);
      expect((await both).map(({ channel, payload }) => [channel, payload])).toEqual([
        ['news', 'hello'],
        ['news', 'hello'],
      ]);
      await deaf.query('SELECT 1');
      expect(heard).toEqual([]);
    });

    it('tells of it at the commit, and of a rolled-back one never', async () => {
      const [listener, sender] = [await server.client(), await server.client()];
      const heard: (string | undefined)[] = [];
      listener.on('notification', ({ payload }) => heard.push(payload));
      await listener.query('LISTEN news');
      await sender.query('BEGIN');
      await sender.query(`NOTIFY news, 'undone'`);
      await sender.query('ROLLBACK');
      await sender.query('BEGIN');
      await sender.query(`NOTIFY news, 'done'`);
      expect(heard).toEqual([]);
      const told = next(listener);
      await sender.query('COMMIT');
      await told;
      expect(heard).toEqual(['done']);
    });

    it('ends with UNLISTEN for the client that asked, not for others', async () => {
      const [one, two] = [await server.client(), await server.client()];
      const heard: string[] = [];
      one.on('notification', () => heard.push('one'));
      await one.query('LISTEN news');
      await two.query('LISTEN news');
      expect((await one.query('UNLISTEN news')).command).toBe('UNLISTEN');
      const told = next(two);
      await one.query(`NOTIFY news`);
      await told;
      expect(heard).toEqual([]);
    });

    it('does not subscribe a client whose LISTEN was rolled back', async () => {
      const client = await server.client();
      const heard: Notification[] = [];
      client.on('notification', (notification) => heard.push(notification));
      await client.query('BEGIN');
      await client.query('LISTEN news');
      await client.query('ROLLBACK');
      await client.query('NOTIFY news');
      await client.query('SELECT 1');
      expect(heard).toEqual([]);
    });
  });
});

async function counter(client: Client): Promise<number> {
  const { rows } = await client.query<{ value: number }>('SELECT value FROM t.counter');
  return rows[0]!.value;
}

async function next(client: Client): Promise<Notification> {
  const [notification] = (await once(client, 'notification')) as [Notification];
  return notification;
}

/** In which order clients that all wait for a transaction's end are served then; `!` marks what goes first. */
async function served(server: EmbeddedServer, names: readonly string[]): Promise<string[]> {
  const owner = await server.client();
  await owner.query('CREATE TABLE t.served (at serial, name text)');
  const clients = await Promise.all(names.map(() => server.client()));
  await owner.query('BEGIN');
  const inserts: Promise<unknown>[] = [];
  for (const [index, name] of names.entries()) {
    const mark = name.startsWith('!') ? GOES_FIRST : '';
    inserts.push(clients[index]!.query(`INSERT INTO t.served (name) VALUES ($1) ${mark}`, [name]));
    await owner.query('SELECT 1');
  }
  await owner.query('COMMIT');
  await Promise.all(inserts);
  const { rows } = await owner.query<{ name: string }>('SELECT name FROM t.served ORDER BY at');
  return rows.map(({ name }) => name);
}
