import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingLog } from '../../fakes/recording-log.js';
import { givenServer } from '../../support/fresh-store.js';
import { createServerDatabase } from '../../support/server-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { EmbeddedServer } from './embedded-server.js';

const STARTED_AT_ONCE = 10;

describe('migrations', () => {
  let target: { readonly url: string; remove(): Promise<void> };
  beforeEach(async () => {
    const given = givenServer();
    target = given === null ? await emptyEmbedded() : await createServerDatabase(given);
  });
  afterEach(() => target.remove());

  it('run once when ten start at once on an empty database', async () => {
    const log = new RecordingLog();
    const config = loadConfig({
      LOG_LEVEL: 'silent',
      DATABASE_URL: target.url,
      DATABASE_POOL_SIZE: '2',
    });
    const opened = await Promise.all(
      Array.from({ length: STARTED_AT_ONCE }, () => openPersistence(config, { log, queryTimeoutMs: 60_000 })),
    );
    const [{ dataSource }] = opened as [(typeof opened)[0]];
    const ran: { name: string }[] = await dataSource.query('SELECT name FROM migrations ORDER BY id');
    expect(ran.map(({ name }) => name)).toEqual(dataSource.migrations.map(({ name }) => name));
    expect(log.of('database_migrated')).toEqual([{ migrations: ran.map(({ name }) => name) }]);
    for (const persistence of opened) expect(await persistence.projects.list()).toEqual([]);
    await Promise.all(opened.map((persistence) => persistence.close()));
  });
});

/** Spoken to by `pg` as a server. */
async function emptyEmbedded(): Promise<{ url: string; remove(): Promise<void> }> {
  const server = await EmbeddedServer.start();
  const network = await TcpProxy.to({ path: server.socketPath });
  const client = await server.client();
  await client.query('DROP SCHEMA public CASCADE');
  await client.query('CREATE SCHEMA public');
  return {
    url: `postgres://postgres@127.0.0.1:${network.port}/postgres`,
    async remove() {
      await network.cut();
      await server.stop();
    },
  };
}
