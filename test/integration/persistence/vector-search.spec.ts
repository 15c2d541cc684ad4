import { loadConfig } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOne } from '../../contracts/persistence/fixtures.js';
import { RecordingLog } from '../../fakes/recording-log.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const DIMENSIONS = 768;

function vector(lean: number): Float32Array {
  const values = new Float32Array(DIMENSIONS);
  values[0] = 1;
  values[1] = lean;
  return values;
}

async function optionsOf({ dataSource }: Persistence): Promise<string> {
  const [row]: { options: string[] | null }[] = await dataSource.query(
    `SELECT reloptions AS options FROM pg_class WHERE relname = 'incident_embeddings_vector_idx'`,
  );
  return String(row!.options);
}

describe('the search over embeddings', () => {
  let place: FreshStore;
  let log: RecordingLog;
  let persistence: Persistence | null = null;
  beforeEach(async () => {
    place = await freshStore();
    log = new RecordingLog();
  });
  afterEach(async () => {
    await persistence?.close();
    await place.remove();
  });
  const open = async (environment: Record<string, string> = {}): Promise<Persistence> => {
    await persistence?.close();
    persistence = null;
    const config = loadConfig({ ...place.environment, LOG_LEVEL: 'silent', ...environment });
    return (persistence = await openPersistence(config, { log }));
  };
  it('is told by each connection how far to look, whatever others set meanwhile', async () => {
    const store = await open({ VECTOR_EF_SEARCH: '123', DATABASE_POOL_SIZE: '4' });
    const other = await store.createPool({ max: 1 }).connect();
    await other.query('SET hnsw.ef_search = 7');
    const shown = await Promise.all(
      Array.from({ length: 4 }, () =>
        store.dataSource.query<Record<string, string>[]>(
          `SELECT current_setting('hnsw.ef_search') AS ef, current_setting('hnsw.iterative_scan') AS scan, pg_sleep(0.05)`,
        ),
      ),
    );
    expect(shown.flat()).toEqual(
      Array(4).fill(expect.objectContaining({ ef: '123', scan: 'relaxed_order' })),
    );
    expect((await other.query('SHOW hnsw.ef_search')).rows).toEqual([{ 'hnsw.ef_search': '7' }]);
    other.release();
  });

  it('uses an index made as the configuration says, once a command has made it', async () => {
    const store = await open();
    expect(log.of('vector_index_outdated')).toEqual([]);
    const { incidentId, projectId } = await openOne(store);
    await store.similarity.index(incidentId, 'm', vector(0));

    const changed = await open({ VECTOR_INDEX_M: '24', VECTOR_INDEX_EF_CONSTRUCTION: '100' });
    expect(log.of('vector_index_outdated')).toMatchObject([
      { made: { m: 16, efConstruction: 64 }, configured: { m: 24, efConstruction: 100 } },
    ]);
    await changed.embeddings.reindex();
    expect(await optionsOf(changed)).toBe('m=24,ef_construction=100');
    expect(await changed.embeddings.outdated()).toBeNull();
    const found = await changed.similarity.find({ projectIds: [projectId], embedding: vector(0) });
    expect(found).toMatchObject([{ incidentId }]);
  });

  it('weighs what became of a diagnosis, and serves no example that was judged wrong', async () => {
    const store = await open();
    const weighed: string[] = [];
    let scope = '';
    for (const [index, weight] of [0, 0.2, -1, -0.5].entries()) {
      const { incidentId, projectId } = await openOne(store, { runId: index + 1 });
      await store.similarity.index(incidentId, 'm', vector(index / 100));
      await store.dataSource.query('UPDATE incidents SET outcome_weight = $2 WHERE id = $1', [
        incidentId,
        weight,
      ]);
      weighed.push(incidentId);
      scope = projectId;
    }
    const found = await store.similarity.find({ projectIds: [scope], embedding: vector(0) });
    expect(found.map(({ incidentId }) => incidentId)).toEqual([weighed[1], weighed[0], weighed[3]]);
    await expect(
      store.dataSource.query('UPDATE incidents SET outcome_weight = 1.5 WHERE id = $1', [weighed[0]]),
    ).rejects.toThrow('incidents_outcome_weight_check');
  });

  it('finds what a filter keeps of many, however far down they are', async () => {
    const store = await open();
    const { dataSource } = store;
    await openOne(store);
    await dataSource.query(
      `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
         opened_at, last_failed_at, updated_at, sequence, outbox_at, category)
       SELECT (SELECT id FROM projects), 'github', n, 'job', '{}', 'resolved', 1, 1, now(), now(), now(), 1, now(),
         CASE WHEN n % 100 = 0 THEN 'network' ELSE 'quality' END
       FROM generate_series(1, 1200) n`,
    );
    // The further the number, the further the vector: those asked for are spread over all of them.
    await dataSource.query('DROP INDEX incident_embeddings_vector_idx');
    await dataSource.query(
      `INSERT INTO incident_embeddings (incident_id, project_id, model, embedding, words, indexed_at)
       SELECT id, project_id, 'm', (ARRAY[1, run_id / 2400.0] || array_fill(0::float8, ARRAY[766]))::vector, '', now()
       FROM incidents WHERE run_id <= 1200`,
    );
    await store.embeddings.reindex();
    await dataSource.query('VACUUM (ANALYZE) incident_embeddings');
    const query = { projectIds: null, embedding: vector(0), limit: 10, threshold: 0 };
    const found = await store.similarity.find({ ...query, category: 'network' });
    expect(found).toHaveLength(10);
    expect(found.every(({ category }) => category === 'network')).toBe(true);
    expect(found.map(({ score }) => score)).toEqual(
      found.map(({ score }) => score).toSorted((a, b) => b - a),
    );
  });

  it('keeps indexes that somebody made by hand, over restarts and a new embedder’s dimensions', async () => {
    const store = await open();
    await store.dataSource.query('CREATE INDEX by_hand_idx ON incidents (failed_step)');
    await store.dataSource.query('CREATE INDEX by_hand_too_idx ON incident_embeddings (model, indexed_at)');
    await store.embeddings.reindex();
    const again = await open();
    const rows: unknown[] = await again.dataSource.query(
      `SELECT indexname FROM pg_indexes WHERE indexname LIKE 'by_hand%' ORDER BY indexname`,
    );
    expect(rows).toEqual([{ indexname: 'by_hand_idx' }, { indexname: 'by_hand_too_idx' }]);
  });
});
