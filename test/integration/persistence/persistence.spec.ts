import { loadConfig } from '@app/config';
import { Clock, DeliveryRepository, IncidentRepository, Log, SimilaritySearch } from '@app/domain';
import {
  DatabaseHealth,
  openPersistence,
  PERSISTENCE,
  PersistenceModule,
  RequestQueryStats,
  type Persistence,
} from '@app/persistence';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDataDir, type FreshDataDir } from '../../support/fresh-data-dir.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { delivery, failedJob } from '../../contracts/persistence/fixtures.js';
import { EmbeddedServer, silentLog } from './embedded-server.js';

describe('persistence', () => {
  let dir: FreshDataDir;
  beforeEach(async () => {
    dir = await freshDataDir();
  });
  afterEach(() => dir.remove());
  const config = (environment: Record<string, string> = {}) =>
    loadConfig({ DATA_DIR: dir.path, LOG_LEVEL: 'silent', ...environment });
  const repository = { host: 'github.com', owner: 'o', name: 'n' };

  it('counts the queries of a request, whoever sends them', async () => {
    const persistence = await openPersistence(config());
    const stats = await RequestQueryStats.run(async () => {
      await persistence.projects.list();
      await persistence.outbox.due(new Date(), new Date(), 1);
      return RequestQueryStats.current();
    });
    expect(stats?.count).toBe(2);
    expect(stats?.ms).toBeGreaterThan(0);
    await persistence.close();
  });

  it('lets a delivery that can not be stored fail alone, whoever came with it; of a rehearsal nothing is left', async () => {
    const persistence = await openPersistence(config());
    await persistence.intake.run(new AbortController().signal);
    expect(await persistence.projects.list()).toEqual([]);
    const told = (id: string, attempt: number) =>
      persistence.deliveries.record(
        delivery(id, { kind: 'failed_job', job: failedJob({ runId: attempt, attempt }) }),
      );
    const outcomes = await Promise.allSettled([told('a', 1), told('b', 1e12), told('c', 2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await persistence.deliveries.list({}, 10, null)).items.map(({ id }) => id).toSorted()).toEqual([
      'a',
      'c',
    ]);
    await persistence.close();
  });

  it('records what came before it was closed', async () => {
    const persistence = await openPersistence(config());
    const recorded = ['a', 'b', 'c'].map((id) =>
      persistence.deliveries.record(delivery(id, { kind: 'ignored', reason: 'x' })),
    );
    await persistence.close();
    expect((await Promise.all(recorded)).map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
  });

  it('gives pools whose connections look into the schema that was asked for, and ends them', async () => {
    const persistence = await openPersistence(config());
    const pool = persistence.createPool({ options: '-c search_path=bullmq', max: 2 });
    expect((await pool.query('SHOW search_path')).rows).toEqual([{ search_path: 'bullmq' }]);
    await persistence.close();
    expect(pool.ended).toBe(true);
    await persistence.close();
  });

  describe('whose database goes away', () => {
    let server: EmbeddedServer;
    let network: TcpProxy;
    let persistence: Persistence;
    beforeEach(async () => {
      server = await EmbeddedServer.start();
      network = await TcpProxy.to({ path: server.socketPath });
      const url = `postgres://postgres@127.0.0.1:${network.port}/postgres`;
      persistence = await openPersistence(config({ DATABASE_URL: url, DATABASE_POOL_SIZE: '2' }), {
        queryTimeoutMs: 300,
      });
    });
    afterEach(async () => {
      await persistence.close();
      await network.cut();
      await server.stop();
    });
    const away = { code: 'database_away', retryable: true };

    it('says so, and that a retry may help, and goes on when it is back', async () => {
      expect(persistence).toMatchObject({ mode: 'server', isHost: false });
      expect(await persistence.health.ping()).toMatchObject({ ok: true });
      await network.cut();
      await expect(persistence.projects.list()).rejects.toMatchObject(away);
      await expect(persistence.projects.ensure(repository)).rejects.toMatchObject(away);
      const move = persistence.incidents.move(crypto.randomUUID(), 'ignored', 'x');
      await expect(move).rejects.toMatchObject(away);
      expect(await persistence.health.ping()).toMatchObject({
        ok: false,
        detail: expect.any(String) as string,
      });
      await network.mend();
      expect(await persistence.projects.ensure(repository)).toMatchObject({ repository });
    });

    it('does not wait for ever for one that takes questions and gives no answers', async () => {
      network.hang();
      await expect(persistence.projects.list()).rejects.toMatchObject(away);
      expect(await persistence.health.ping()).toMatchObject({ ok: false });
      await network.mend();
      expect(await persistence.projects.ensure(repository)).toMatchObject({ repository });
    });
  });

  it('does not open without its database, and says so', async () => {
    const url = 'postgres://postgres@127.0.0.1:1/none';
    await expect(openPersistence(config({ DATABASE_URL: url }))).rejects.toMatchObject({
      code: 'database_away',
    });
  });

  it('is provided to the application by port, and closed with it', async () => {
    @Global()
    @Module({
      providers: [
        { provide: Log, useValue: silentLog },
        { provide: Clock, useValue: { now: () => new Date() } },
      ],
      exports: [Log, Clock],
    })
    class Tools {}
    @Module({ imports: [Tools, PersistenceModule.forRoot(config())] })
    class Application {}

    const app = await NestFactory.createApplicationContext(Application, { logger: false });
    const persistence = app.get<Persistence>(PERSISTENCE);
    expect(app.get(DeliveryRepository)).toBe(persistence.deliveries);
    expect(app.get(IncidentRepository)).toBe(persistence.incidents);
    expect(app.get(SimilaritySearch)).toBe(persistence.similarity);
    expect(await app.get(DatabaseHealth).ping()).toMatchObject({ ok: true });
    await app.close();
    await expect(persistence.projects.list()).rejects.toMatchObject({ code: 'database_away' });
    // The directory is free again.
    await (await openPersistence(config())).close();
  });
});
