import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists under several filters, and figures of a period, are read by. */
export class ListIndexes1763700000021 implements MigrationInterface {
  name = 'ListIndexes1763700000021';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // A list is walked newest first, and what the filters refuse is passed by within the index.
  `CREATE INDEX incidents_list_idx ON incidents (opened_at, id, category, severity, status, determinism, project_id)`,
  // What it counted is kept by triggers; what else it could do its longer sister does (incidents_facets_idx).
  `DROP INDEX incidents_counts_idx`,
  // A period's diagnoses without a visit to their rows, most of which are of other times.
  `CREATE INDEX incident_diagnoses_created_idx
     ON incident_diagnoses (created_at) INCLUDE (incident_id, diagnosis_id, reused)`,
];

const DOWN = [
  `DROP INDEX incident_diagnoses_created_idx`,
  `CREATE INDEX incidents_counts_idx ON incidents (project_id, status, category, severity, determinism)`,
  `DROP INDEX incidents_list_idx`,
];
