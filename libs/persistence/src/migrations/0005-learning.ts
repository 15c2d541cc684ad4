import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people say of patterns and diagnoses, what mended them, and how long all of it is kept. */
export class Learning1763700000005 implements MigrationInterface {
  name = 'Learning1763700000005';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE projects ADD COLUMN log_retention_days integer, ADD COLUMN diagnosis_retention_days integer`,
  `ALTER TABLE patterns
     ADD COLUMN muted_at timestamptz(3),
     ADD COLUMN muted_by text,
     ADD COLUMN mute_reason text,
     ADD COLUMN merged_into uuid CONSTRAINT patterns_merged_fkey REFERENCES patterns ON DELETE CASCADE`,
  `CREATE INDEX patterns_merged_idx ON patterns (merged_into) WHERE merged_into IS NOT NULL`,
  // Lists, newest first: of all projects; of one the older index serves.
  `CREATE INDEX patterns_seen_idx ON patterns (last_seen_at, id)`,
  `CREATE INDEX patterns_fingerprint_idx ON patterns (fingerprint)`,
  `CREATE TABLE pattern_events (
     id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pattern_events_pkey PRIMARY KEY,
     pattern_id uuid NOT NULL CONSTRAINT pattern_events_pattern_fkey REFERENCES patterns ON DELETE CASCADE,
     at timestamptz(3) NOT NULL,
     kind text NOT NULL,
     by text NOT NULL,
     facts jsonb NOT NULL
   )`,
  `CREATE INDEX pattern_events_pattern_idx ON pattern_events (pattern_id, id)`,
  // What was learned outlives the incident and its diagnosis.
  `CREATE TABLE feedback (
     id uuid CONSTRAINT feedback_pkey PRIMARY KEY,
     project_id uuid NOT NULL CONSTRAINT feedback_project_fkey REFERENCES projects ON DELETE CASCADE,
     incident_id uuid CONSTRAINT feedback_incident_fkey REFERENCES incidents ON DELETE SET NULL,
     pattern_id uuid CONSTRAINT feedback_pattern_fkey REFERENCES patterns ON DELETE CASCADE,
     diagnosis_id uuid CONSTRAINT feedback_diagnosis_fkey REFERENCES diagnoses ON DELETE SET NULL,
     root_cause text NOT NULL,
     solution text NOT NULL,
     judged_cause text NOT NULL,
     judged_solution text NOT NULL,
     actual_cause text,
     note text,
     given_by text NOT NULL,
     given_at timestamptz(3) NOT NULL
   )`,
  `CREATE INDEX feedback_project_idx ON feedback (project_id)`,
  `CREATE INDEX feedback_incident_idx ON feedback (incident_id, given_at)`,
  `CREATE INDEX feedback_pattern_idx ON feedback (pattern_id, given_at)`,
  `CREATE INDEX feedback_diagnosis_idx ON feedback (diagnosis_id)`,
  `CREATE TABLE repairs (
     incident_id uuid NOT NULL CONSTRAINT repairs_incident_fkey REFERENCES incidents ON DELETE CASCADE,
     run_id bigint NOT NULL,
     attempt integer NOT NULL,
     pattern_id uuid CONSTRAINT repairs_pattern_fkey REFERENCES patterns ON DELETE CASCADE,
     passed_at timestamptz(3) NOT NULL,
     red_sha text,
     green_sha text,
     same_commit boolean NOT NULL,
     state text NOT NULL,
     tries integer NOT NULL,
     due_at timestamptz(3) NOT NULL,
     note text,
     CONSTRAINT repairs_pkey PRIMARY KEY (incident_id, run_id, attempt)
   )`,
  `CREATE INDEX repairs_pattern_idx ON repairs (pattern_id)`,
  `CREATE INDEX repairs_due_idx ON repairs (due_at) WHERE state = 'due'`,
  `CREATE TABLE likely_fixes (
     id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT likely_fixes_pkey PRIMARY KEY,
     pattern_id uuid NOT NULL CONSTRAINT likely_fixes_pattern_fkey REFERENCES patterns ON DELETE CASCADE,
     incident_id uuid CONSTRAINT likely_fixes_incident_fkey REFERENCES incidents ON DELETE SET NULL,
     red_sha text NOT NULL,
     green_sha text NOT NULL,
     commits jsonb NOT NULL,
     total_commits integer NOT NULL,
     files jsonb NOT NULL,
     url text,
     found_at timestamptz(3) NOT NULL,
     CONSTRAINT likely_fixes_between_key UNIQUE (pattern_id, red_sha, green_sha)
   )`,
  `CREATE INDEX likely_fixes_incident_idx ON likely_fixes (incident_id)`,
  // Logs whose time has come are found by their age.
  `CREATE INDEX archived_logs_saved_idx ON archived_logs (saved_at)`,
  `CREATE INDEX incidents_last_failed_idx ON incidents (last_failed_at)`,
];

const DOWN = [
  `DROP INDEX incidents_last_failed_idx`,
  `DROP INDEX archived_logs_saved_idx`,
  `DROP TABLE likely_fixes, repairs, feedback, pattern_events`,
  `DROP INDEX patterns_fingerprint_idx`,
  `DROP INDEX patterns_seen_idx`,
  `DROP INDEX patterns_merged_idx`,
  `ALTER TABLE patterns DROP COLUMN merged_into, DROP COLUMN mute_reason, DROP COLUMN muted_by, DROP COLUMN muted_at`,
  `ALTER TABLE projects DROP COLUMN diagnosis_retention_days, DROP COLUMN log_retention_days`,
];
