import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingLog } from '../../fakes/recording-log.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { EmbeddedServer } from './embedded-server.js';

const STARTED_AT_ONCE = 10;

describe('migrations', () => {
  let server: EmbeddedServer;
  let network: TcpProxy;
  beforeEach(async () => {
    server = await EmbeddedServer.start();
    network = await TcpProxy.to({ path: server.socketPath });
    const client = await server.client();
    await client.query('DROP SCHEMA public CASCADE');
    await client.query('CREATE SCHEMA public');
  });
  afterEach(async () => {
    await network.cut();
    await server.stop();
  });

  it('run once when ten start at once on an empty database', async () => {
    const log = new RecordingLog();
    const url = `postgres://postgres@127.0.0.1:${network.port}/postgres`;
    const config = loadConfig({ LOG_LEVEL: 'silent', DATABASE_URL: url, DATABASE_POOL_SIZE: '2' });
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
