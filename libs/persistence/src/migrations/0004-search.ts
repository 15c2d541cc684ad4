import type { MigrationInterface, QueryRunner } from 'typeorm';

const PUNCTUATION = `!"#$%&''()*+,-./:;<=>?@[\\]^_\`{|}~`;

/** What similar incidents are found and ranked by beside their embeddings, and indexes that figures are counted from. */
export class Search1763700000004 implements MigrationInterface {
  name = 'Search1763700000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // Neither rewrites the table: a constant default, and nulls.
  `ALTER TABLE incidents
     ADD COLUMN outcome_weight real NOT NULL DEFAULT 0
       CONSTRAINT incidents_outcome_weight_check CHECK (outcome_weight BETWEEN -1 AND 1),
     ADD COLUMN verified_at timestamptz(3)`,
  // Counted without a visit to the table. Equal entries stand in it once, so that it is small.
  `CREATE INDEX incidents_facets_idx ON incidents (project_id, status, category, severity, determinism, branch)`,
  `CREATE INDEX incidents_counts_idx ON incidents (project_id, status, category, severity, determinism)`,
  `CREATE INDEX incidents_verified_idx ON incidents (verified_at) WHERE verified_at IS NOT NULL`,

  // As incidents.search: punctuation parts words.
  `CREATE FUNCTION search_words(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
     RETURN to_tsvector('simple', translate(left(words, 20000), '${PUNCTUATION}', '${' '.repeat(32)}'))`,
  `ALTER TABLE incident_embeddings ADD COLUMN words tsvector NOT NULL DEFAULT ''`,
  `ALTER TABLE incident_embeddings ALTER COLUMN words DROP DEFAULT`,
  `UPDATE incident_embeddings e SET words = search_words(p.signature)
     FROM incidents i JOIN patterns p ON p.id = i.pattern_id WHERE i.id = e.incident_id`,
  `CREATE INDEX incident_embeddings_words_idx ON incident_embeddings USING gin (words)`,
];

const DOWN = [
  `ALTER TABLE incident_embeddings DROP COLUMN words`,
  `DROP FUNCTION search_words(text)`,
  `DROP INDEX incidents_counts_idx`,
  `DROP INDEX incidents_facets_idx`,
  `ALTER TABLE incidents DROP COLUMN outcome_weight, DROP COLUMN verified_at`,
];
