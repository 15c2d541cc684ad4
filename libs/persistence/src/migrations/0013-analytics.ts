import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What figures are counted from: ends of runs by their time, also of those that were forgotten; repairs by theirs. */
export class Analytics1763700000013 implements MigrationInterface {
  name = 'Analytics1763700000013';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `CREATE TABLE run_days (
     project_id uuid NOT NULL CONSTRAINT run_days_project_fkey REFERENCES projects ON DELETE CASCADE,
     day timestamptz(3) NOT NULL,
     runs integer NOT NULL,
     failed integer NOT NULL,
     CONSTRAINT run_days_pkey PRIMARY KEY (project_id, day)
   )`,
  `CREATE INDEX run_days_day_idx ON run_days (day)`,
  `CREATE INDEX run_attempts_ended_idx ON run_attempts (ended_at, project_id, conclusion)`,
  `CREATE INDEX repairs_passed_idx ON repairs (passed_at)`,
];

const DOWN = [`DROP INDEX repairs_passed_idx`, `DROP INDEX run_attempts_ended_idx`, `DROP TABLE run_days`];
