import type { Persistence } from '@app/persistence';
import { makeIncidents } from './incident-rows.js';

export const DIMENSIONS = 768;
export const MODEL = 'bench';
/** Embeddings lie around so many centres, as failures of one kind do, each with two kinds of deviation. */
const BOOKS = {
  centre: { size: 1_000, spread: 1 },
  wide: { size: 5_000, spread: 0.5 },
  fine: { size: 5_000, spread: 0.25 },
};
const BATCH = 20_000;

export interface VectorRows {
  /** A project with one in a hundred of the incidents. */
  readonly smallProject: string;
  /** Which takes the index from vectors in no order to a graph. */
  readonly indexMs: number;
}

export interface AskedVector {
  readonly embedding: Float32Array;
  readonly text: string;
}

/**
 * Incidents with embeddings, made inside the database: sums of three random vectors, so that a hundred thousand take a
 * minute. One in a hundred is of one project, of the category `vcs_platform`, and verified. The index is built last.
 */
export async function makeVectorRows(persistence: Persistence, count: number): Promise<VectorRows> {
  const { dataSource, embeddings } = persistence;
  const [smallProject] = await makeIncidents(dataSource, count);
  for (const statement of ONE_IN_A_HUNDRED) await dataSource.query(statement, [smallProject]);
  await dataSource.query('DROP INDEX incident_embeddings_vector_idx');
  for (const [name, { size, spread }] of Object.entries(BOOKS)) {
    await dataSource.query(
      `CREATE TABLE bench_${name} (n integer PRIMARY KEY, v vector(${DIMENSIONS}) NOT NULL)`,
    );
    await dataSource.query(
      `INSERT INTO bench_${name} SELECT n, (SELECT array_agg((random() - 0.5) * ${spread})
         FROM generate_series(1, ${DIMENSIONS}) WHERE n >= 0)::vector FROM generate_series(0, ${size - 1}) n`,
    );
  }
  for (let from = 1; from <= count; from += BATCH)
    await dataSource.query(
      `INSERT INTO incident_embeddings (incident_id, project_id, model, embedding, words, indexed_at)
       SELECT i.id, i.project_id, $3, ${SUM}, search_words(i.root_cause), now()
       FROM incidents i ${joined('i.run_id', 1)} WHERE i.run_id BETWEEN $1 AND $2`,
      [from, from + BATCH - 1, MODEL],
    );
  await dataSource.query('VACUUM (ANALYZE) incidents');
  await dataSource.query('VACUUM (ANALYZE) incident_embeddings');
  const startedAt = performance.now();
  await embeddings.reindex();
  return { smallProject: smallProject!, indexMs: performance.now() - startedAt };
}

/** Vectors that nothing has, around the same centres, each with the words of an incident. */
export async function askedVectors({ dataSource }: Persistence, count: number): Promise<AskedVector[]> {
  const rows: { embedding: string; text: string }[] = await dataSource.query(
    `SELECT ${SUM}::text AS embedding, i.root_cause AS text
     FROM (SELECT * FROM incidents ORDER BY fingerprint, id LIMIT $1) AS i ${joined('i.run_id', 2)}`,
    [count],
  );
  return rows.map(({ embedding, text }) => ({
    embedding: Float32Array.from(JSON.parse(embedding) as number[]),
    text,
  }));
}

const ONE_IN_A_HUNDRED = [
  `UPDATE incidents SET project_id = (SELECT id FROM projects WHERE id <> $1 LIMIT 1) WHERE project_id = $1`,
  `UPDATE incidents SET project_id = $1 WHERE run_id % 100 = 7`,
  `UPDATE incidents SET category = 'vcs_platform' WHERE $1::uuid IS NOT NULL AND run_id % 100 = 13`,
  `UPDATE incidents SET status = 'resolved', verified_at = now() WHERE $1::uuid IS NOT NULL AND run_id % 100 = 29`,
];

const SUM = 'l2_normalize(centre.v + wide.v + fine.v)';

/** Which vectors are summed up for a number; another salt gives other sums. */
function joined(number: string, salt: number): string {
  return Object.entries(BOOKS)
    .map(
      ([name, { size }], index) =>
        `JOIN bench_${name} ${name} ON ${name}.n = abs(hashint8extended(${number}, ${salt * 10 + index}) % ${size})`,
    )
    .join(' ');
}
