import { randomUUID } from 'node:crypto';
import { createCache } from '@app/cache';
import { loadConfig } from '@app/config';
import type { CacheKey } from '@app/domain';
import { openPersistence, type Persistence } from '@app/persistence';
import { EraseProject } from '@app/pipeline';
import { Metrics } from '@app/telemetry';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { silentLog } from '../../fakes/recording-log.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';
import { seedEveryTable } from '../../support/seed-every-table.js';

/** Tables that hold nothing of any project. Whoever adds one decides: it is erased with a project, or stands here. */
const OF_NO_PROJECT = ['migrations', 'agent_states', 'github_apps', 'github_app_setups'];

let place: FreshStore;
let persistence: Persistence;
beforeAll(async () => {
  place = await freshStore();
  persistence = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }));
});
afterAll(async () => {
  await persistence?.close();
  await place?.remove();
});

/** A project with a row in every table, under the name `acme/{name}`. */
async function project(name: string): Promise<{ id: string; traces: string[] }> {
  const marker = `marker-${name}-${randomUUID().slice(0, 8)}`;
  const repository = { host: 'github.com', owner: 'acme', name };
  const ids = await seedEveryTable(
    persistence.dataSource,
    marker,
    (known) => ({
      'projects.host': repository.host,
      'projects.owner': repository.owner,
      'projects.name': repository.name,
      'deliveries.repository': JSON.stringify(repository),
      'budget_use.scope': `project:${known.get('projects')}`,
      'api_keys.project_ids': `{${known.get('projects')}}`,
      'api_keys.name': 'a key that stays',
      'api_keys.hash': randomUUID(),
      'api_keys.role': 'viewer',
      'failed_jobs.subject': known.get('incidents'),
      'incidents.outcome_weight': 0,
    }),
    OF_NO_PROJECT,
  );
  const own = ['projects', 'incidents', 'patterns', 'diagnoses', 'documents'].map((table) => ids.get(table)!);
  return { id: ids.get('projects')!, traces: [marker, ...own] };
}

async function tables(): Promise<string[]> {
  const rows = await persistence.dataSource.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
  );
  return rows.map(({ name }) => name);
}

/** In which tables any of the texts stands, in whatever column. */
async function tracesOf(texts: readonly string[]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const table of await tables()) {
    const [row] = await persistence.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::integer AS count FROM ${table} t WHERE t::text LIKE ANY ($1)`,
      [texts.map((text) => `%${text}%`)],
    );
    if (row!.count > 0) found[table] = row!.count;
  }
  return found;
}

const keysOf = (id: string, name: string): CacheKey[] => [
  { operation: 'project', scope: id, id: 'analysis:f1' },
  { operation: 'llm.solution', scope: id, id: 'model:hash' },
  { operation: 'github.repo', scope: `acme:${name}`, id: '' },
  { operation: 'github.logs', scope: `acme:${name}`, id: '77' },
];

describe('erasing a project', () => {
  it('leaves nothing of it in any table, and everything of another', async () => {
    const gone = await project('repo');
    const stays = await project('repo-two');
    const before = await tracesOf(stays.traces);
    const expected = (await tables()).filter((table) => !OF_NO_PROJECT.includes(table)).toSorted();
    // Otherwise a table would be tested that holds nothing.
    expect(Object.keys(await tracesOf(gone.traces)).toSorted()).toEqual(expected);

    const { rows } = await persistence.eraser.erase(gone.id);
    expect(Object.keys(rows).toSorted()).toEqual(expected);
    expect(await tracesOf(gone.traces)).toEqual({});
    expect(await tracesOf(stays.traces)).toEqual(before);
    await expect(persistence.eraser.erase(gone.id)).rejects.toMatchObject({ code: 'project_not_found' });
  });

  it('leaves a key that was for it alone without any project', async () => {
    const gone = await project('narrow');
    await persistence.eraser.erase(gone.id);
    const keys = await persistence.apiKeys.list();
    expect(keys.map(({ projectIds }) => projectIds)).toContainEqual([]);
    expect(keys.every(({ projectIds }) => projectIds !== null)).toBe(true);
  });

  it('takes what was said of it in a conversation about everything, and leaves the rest', async () => {
    const gone = await project('spoken-of');
    const { channels } = persistence;
    const about = { title: 'All', projectId: null, incidentId: null, createdBy: 'ci' };
    const { id } = await channels.create(about);
    const ask = (text: string) => channels.say(id, { role: 'person', author: 'ci', text, answer: null });
    const answer = (text: string, questionId: number, projectIds: readonly string[]) => {
      const told = {
        grounded: true,
        answeredBy: 'rules',
        model: null,
        cached: false,
        wordsAlone: false,
      } as const;
      const given = { ...told, sources: [], projectIds, questionId };
      return channels.say(id, { role: 'assistant', author: 'assistant', text, answer: given });
    };
    await answer('Of another.', (await ask('What else?')).id, [randomUUID()]);
    await answer('Its code is 0000.', (await ask('What is its code?')).id, [randomUUID(), gone.id]);
    expect((await persistence.eraser.erase(gone.id)).rows).toMatchObject({ channel_messages: 3 });
    const left = (await channels.messages(id, 10, null)).items;
    expect(left.map(({ text }) => text)).toEqual(['Of another.', 'What else?']);
  });

  it('goes through more incidents than one step takes', async () => {
    const { id } = await project('large');
    await persistence.dataSource.query(
      `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
         opened_at, last_failed_at, updated_at, sequence, outbox_at, diagnosis_id)
       SELECT $1, 'github', n, 'job', '{}', 'diagnosed', 1, 1, now(), now(), now(), 1, now(),
         (SELECT id FROM diagnoses WHERE project_id = $1)
       FROM generate_series(1000, 2200) n`,
      [id],
    );
    expect((await persistence.eraser.erase(id)).rows).toMatchObject({ incidents: 1_202 });
    expect(await tracesOf([id])).toEqual({});
  });

  it.each([
    ['memory', {}],
    ['Redis', { REDIS: 'yes' }],
  ])('drops its keys from a cache in %s, and no other project’s', async (backend, options) => {
    const environment = 'REDIS' in options ? { REDIS_URL: inject('redisUrl') } : {};
    const config = loadConfig({
      ...environment,
      CACHE_PREFIX: `erase-${randomUUID()}`,
      // A busy machine is no reason to give the cache up.
      CACHE_OPERATION_DEADLINE_MS: '5000',
    });
    const handle = createCache(config, silentLog(), new Metrics());
    const name = `in-${backend.toLowerCase()}`;
    const [gone, stays] = [await project(name), await project(`${name}-two`)];
    // The answers about a failure, and its vector, are not kept apart by project.
    const shared = ['llm.classify', 'llm.root_cause', 'llm.embedding'] as const;
    const goneKeys = [
      ...keysOf(gone.id, name),
      ...shared.map((operation): CacheKey => ({ operation, id: 'model:hash' })),
    ];
    const staysKeys = keysOf(stays.id, `${name}-two`);
    try {
      // A write that takes too long on a busy machine is dropped.
      await vi.waitFor(
        async () => {
          const all = [...goneKeys, ...staysKeys];
          for (const key of all) await handle.cache.set(key, 'x');
          expect(await handle.cache.getMany(all)).toEqual(all.map(() => 'x'));
        },
        { timeout: 10_000 },
      );
      const erase = new EraseProject(persistence.eraser, handle.cache, silentLog());
      expect((await erase.run(gone.id)).cacheKeys).toBe(goneKeys.length);
      expect(await handle.cache.getMany(goneKeys)).toEqual(goneKeys.map(() => undefined));
      expect(await handle.cache.getMany(staysKeys)).toEqual(staysKeys.map(() => 'x'));
    } finally {
      await handle.cache.clear();
      await handle.close();
    }
  });
});
