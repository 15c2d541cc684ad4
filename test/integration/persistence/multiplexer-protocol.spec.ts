import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedServer } from './embedded-server.js';
import { RawClient, simple } from './raw-client.js';

describe('the embedded server’s protocol', () => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    server = await EmbeddedServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const client = await server.client();
    await client.query('DROP SCHEMA IF EXISTS t CASCADE; CREATE SCHEMA t');
    await client.query('CREATE TABLE t.rows (id integer PRIMARY KEY, data bytea)');
    await client.end();
  });

  describe('messages', () => {
    it('may be big: a row of 10 MB goes in and comes out', async () => {
      const client = await server.client();
      const data = randomBytes(10 * 1024 * 1024);
      await client.query('INSERT INTO t.rows VALUES (1, $1)', [data]);
      const { rows } = await client.query<{ data: Buffer }>('SELECT data FROM t.rows');
      expect(rows[0]!.data.equals(data)).toBe(true);
    });

    it('may come all at once and in the middle of one another’s bytes', async () => {
      const raw = await RawClient.connect(server.socketPath);
      const all = Buffer.concat([simple('SELECT 1'), simple('SELECT 2'), simple('SELECT 3')]);
      const answers = raw.expect('Z', 3);
      for (const byte of all) raw.write(Buffer.from([byte]));
      expect((await answers).types.filter((type) => type === 'D')).toHaveLength(3);
      raw.close();
    });

    it('that can’t be messages end the connection with a reason', async () => {
      const raw = await RawClient.connect(server.socketPath);
      const answer = raw.expect('E', 1);
      raw.write(Buffer.from([0x51, 0, 0, 0, 1]));
      expect((await answer).bytes.toString()).toContain('08P01');
    });

    it('of one client don’t keep others waiting, however many it sends at once', async () => {
      const other = await server.client();
      const busy = await RawClient.connect(server.socketPath);
      const flood = Array.from({ length: 3_000 }, () => simple('SELECT 1'));
      const answered = busy.expect('Z', flood.length);
      busy.write(Buffer.concat(flood));
      await other.query('SELECT 1');
      await other.query('SELECT 1');
      expect(busy.count('Z')).toBeLessThan(flood.length);
      await answered;
      busy.close();
    });

    it('of a COPY out arrive whole', async () => {
      const raw = await RawClient.connect(server.socketPath);
      const answer = await raw.ask([simple('COPY (SELECT generate_series(1, 1000)) TO STDOUT')]);
      expect(answer.types.filter((type) => type === 'd')).toHaveLength(1000);
      raw.close();
    });
  });

  describe('a start-up', () => {
    it('is answered when it asks for encryption first, which there is none of', async () => {
      const socket = createConnection(server.socketPath);
      socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toBe('N');
      socket.destroy();
    });

    it.each([
      [{ user: 'somebody' }, '28000'],
      [{ database: 'other' }, '3D000'],
      [{ options: '-c no_such_setting=1' }, '42704'],
      [{ options: '--what' }, '0A000'],
      [{ options: '-c client_encoding=LATIN1' }, '0A000'],
    ])('is refused with its reason: %o', async (config, code) => {
      await expect(server.client(config)).rejects.toMatchObject({ code });
    });

    it('tells what the server is, and the client’s own settings', async () => {
      const raw = await RawClient.connect(server.socketPath, { application_name: 'a spec' });
      expect(raw.greeting).toContain('server_version\x0018.');
      expect(raw.greeting).toContain('application_name\x00a spec');
      raw.close();
    });
  });

  it('cancels a statement that waits for its turn', async () => {
    const [owner, waiting] = [await server.client(), await server.client()];
    await owner.query('BEGIN');
    const answer = waiting.query('SELECT 1').catch((error: unknown) => error);
    const { processID, secretKey } = waiting as unknown as { processID: number; secretKey: number };
    const cancel = Buffer.alloc(16);
    [16, 80_877_102, processID, secretKey].forEach((number, index) => cancel.writeInt32BE(number, index * 4));
    createConnection(server.socketPath).end(cancel);
    expect(await answer).toMatchObject({ code: '57014' });
    await owner.query('COMMIT');
    expect((await waiting.query('SELECT 2 AS n')).rows).toEqual([{ n: 2 }]);
  });
});
