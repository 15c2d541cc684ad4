import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CoreModule } from '@app/composition';
import { loadConfig } from '@app/config';
import { IncidentRepository } from '@app/domain';
import { GithubStandIn } from '@app/github';
import { OpenTransaction } from '@app/persistence';
import { DiagnoseIncident, FindSimilarTo } from '@app/pipeline';
import { Metrics } from '@app/telemetry';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../libs/persistence/src/database.js';
import { failedJob } from '../contracts/persistence/fixtures.js';
import { silentLog } from '../fakes/recording-log.js';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import { freshStore, type FreshStore } from '../support/fresh-store.js';
import { modelAnswer } from '../support/model-answers.js';
import { failingLog } from '../support/running-product.js';

/** Node and undici (which fetch is) announce each request here, in the context of whoever makes it. */
const HTTP_CHANNELS = ['undici:request:create', 'http.client.request.start'];

describe('transactions are short', () => {
  let requests: { isInTransaction: boolean }[];
  const note = (): void => void requests.push({ isInTransaction: OpenTransaction.isHere() });
  const inTransactions = () => requests.filter(({ isInTransaction }) => isInTransaction).length;

  let place: FreshStore;
  let github: GithubStandIn;
  let model: OpenAiServer;
  beforeEach(async () => {
    requests = [];
    for (const channel of HTTP_CHANNELS) subscribe(channel, note);
    place = await freshStore();
    github = await GithubStandIn.start();
    model = await OpenAiServer.start();
    model.answer = modelAnswer;
  });
  afterEach(async () => {
    for (const channel of HTTP_CHANNELS) unsubscribe(channel, note);
    await model.close();
    await github.close();
    await place.remove();
  });

  const openProduct = () =>
    NestFactory.createApplicationContext(
      CoreModule.forRoot({
        config: loadConfig({
          ...place.environment,
          LOG_LEVEL: 'silent',
          GITHUB_API_URL: github.url,
          LLM_BASE_URL: model.url,
          LLM_API_KEY: 'test-key',
          LLM_MODEL: 'stand-in:8b',
          EMBEDDING_BASE_URL: model.url,
          EMBEDDING_API_KEY: 'test-key',
          EMBEDDING_MODEL: 'stand-in',
          EMBEDDING_DIM: '768',
        }),
        log: silentLog(),
        metrics: new Metrics(),
      }),
      { logger: false, abortOnError: false },
    );

  it('and no model, embedder or code host is asked inside of one, from a failure to its diagnosis', async () => {
    github.addRun({
      repository: 'Acme/App',
      id: 26_000_000_001,
      jobs: [{ id: 76_000_000_001, name: 'build (ubuntu-latest)', log: failingLog() }],
    });
    const app = await openProduct();
    const incidents = app.get(IncidentRepository);
    const [opened] = await incidents.open([failedJob()]);
    const { signal } = new AbortController();
    await app.get(DiagnoseIncident).run(opened!.incidentId, { signal, attemptsMade: 0, isLastAttempt: true });
    const incident = await incidents.get(opened!.incidentId);
    await app.get(FindSimilarTo).run(incident, { projectIds: null });
    await app.close();
    expect(incident.status).toBe('diagnosed');
    expect(model.requests.length).toBeGreaterThan(0);
    expect(model.embeddingRequests.length).toBeGreaterThan(0);
    expect(requests.length).toBeGreaterThan(model.requests.length);
    expect(inTransactions()).toBe(0);
  });

  it('and a request inside of one would be noticed, however it is made', async () => {
    const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    const app = await openProduct();
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    const database = new Database(app.get(DataSource), { now: () => new Date() });
    await database.transaction(async (query) => {
      await query('SELECT 1');
      await (await fetch(url)).text();
      await new Promise((resolve) => get(url, (response) => response.resume().on('end', resolve)));
    });
    await (await fetch(url)).text();
    await app.close();
    server.close();
    expect(requests.length).toBeGreaterThanOrEqual(3);
    expect(inTransactions()).toBe(requests.length - 1);
  });

  it('and are begun in one place alone, where they are watched', () => {
    const libs = join(import.meta.dirname, '../../libs');
    const begun = readdirSync(libs, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .filter((name) =>
        /\b(?:dataSource|manager)\.transaction\(/.test(readFileSync(join(libs, name), 'utf8')),
      );
    expect(begun).toEqual([join('persistence', 'src', 'database.ts')]);
  });
});
