import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FOLDING_LOCK } from './0012-incident-counts.js';

/**
 * Counts by one facet alone, which most answers are made of: combinations of five are a thousand times as many. Who folds
 * `incident_counts` adds to them what was not folded before, in the same statement; a change costs nothing more.
 */
export class FacetCounts1763700000019 implements MigrationInterface {
  name = 'FacetCounts1763700000019';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const KIND = ['project_id', 'status', 'category', 'severity', 'determinism'];
const BRANCH = ['project_id', 'branch'];
const FACETS = ['status', 'category', 'severity', 'determinism'];

const list = (columns: readonly string[], row = ''): string =>
  columns.map((column) => (row === '' ? column : `${row}.${column}`)).join(', ');
/** NULL equals NULL, and yet the first half can be looked up. */
const same = (columns: readonly string[]): string =>
  columns
    .map((column) =>
      column === 'project_id' || column === 'status'
        ? `c.${column} = changed.${column}`
        : `coalesce(c.${column}, '') = coalesce(changed.${column}, '') AND c.${column} IS NOT DISTINCT FROM changed.${column}`,
    )
    .join(' AND ');

/** Every row of `rows` once a facet, as `project_id`, `facet`, `value` and `count`. */
const byFacet = (rows: string): string =>
  `SELECT k.project_id, f.facet, f.value, sum(k.count) AS count
   FROM ${rows} AS k CROSS JOIN LATERAL (VALUES ${FACETS.map((facet) => `('${facet}', k.${facet})`).join(', ')}) AS f (facet, value)
   GROUP BY 1, 2, 3 HAVING sum(k.count) <> 0`;

const taken = (name: string, columns: readonly string[]): string =>
  `changed AS (
     SELECT DISTINCT ${list(columns)} FROM ${name} WHERE NOT folded
   ), taken AS (
     DELETE FROM ${name} c USING changed WHERE ${same(columns)} RETURNING ${list(columns, 'c')}, c.count, c.folded
   )`;
const fold = (name: string, columns: readonly string[]): string =>
  `INSERT INTO ${name} (${list(columns)}, count, folded)
   SELECT ${list(columns)}, sum(count), true FROM taken GROUP BY ${list(columns)} HAVING sum(count) <> 0`;

/** Whoever comes while another one folds leaves it to the next. All statements see what was committed before them. */
const folding = (kinds: string): string =>
  `CREATE OR REPLACE FUNCTION fold_incident_counts() RETURNS void LANGUAGE plpgsql AS $$
   BEGIN
     IF NOT pg_try_advisory_xact_lock(${FOLDING_LOCK}) THEN RETURN; END IF;
     ${kinds};
     WITH ${taken('branch_counts', BRANCH)} ${fold('branch_counts', BRANCH)};
   END $$`;

/** What is counted by facet are the very rows that the statement takes: others may come while it runs. */
const FOLD_KINDS = `WITH ${taken('incident_counts', KIND)}, kept AS (
     ${fold('incident_counts', KIND)}
   ), added AS (
     ${byFacet('(SELECT * FROM taken WHERE NOT folded)')}
   ), replaced AS (
     DELETE FROM facet_counts c USING added
     WHERE c.project_id = added.project_id AND c.facet = added.facet AND c.value IS NOT DISTINCT FROM added.value
     RETURNING c.project_id, c.facet, c.value, c.count
   )
   INSERT INTO facet_counts (project_id, facet, value, count)
   SELECT project_id, facet, value, sum(count)
   FROM (SELECT * FROM added UNION ALL SELECT * FROM replaced) AS both_
   GROUP BY 1, 2, 3 HAVING sum(count) <> 0`;

/** @param tables which hold counts */
const emptying = (tables: readonly string[]): string =>
  `CREATE OR REPLACE FUNCTION count_no_incidents() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     ${tables.map((table) => `DELETE FROM ${table};`).join('\n     ')}
     RETURN NULL;
   END $$`;

const UP = [
  // Whoever changes an incident from here on waits, and then folds as below.
  `LOCK TABLE incident_counts IN EXCLUSIVE MODE`,
  `CREATE TABLE facet_counts (
     id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT facet_counts_pkey PRIMARY KEY,
     project_id uuid NOT NULL,
     facet text NOT NULL,
     value text,
     count integer NOT NULL
   )`,
  `CREATE INDEX facet_counts_project_idx ON facet_counts (project_id)`,
  folding(FOLD_KINDS),
  emptying(['incident_counts', 'branch_counts', 'facet_counts']),
  `INSERT INTO facet_counts (project_id, facet, value, count) ${byFacet('(SELECT * FROM incident_counts WHERE folded)')}`,
];

const DOWN = [
  folding(`WITH ${taken('incident_counts', KIND)} ${fold('incident_counts', KIND)}`),
  emptying(['incident_counts', 'branch_counts']),
  `DROP TABLE facet_counts`,
];
