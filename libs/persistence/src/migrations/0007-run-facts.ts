import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS as EARLIER_FUNCTIONS } from './0002-intake.js';
import { DOWN_FUNCTIONS, FUNCTIONS } from './0007-run-facts-functions.js';

/**
 * What is known of runs, jobs and pull requests as facts, whatever order they come in; deliveries of a project, with what a
 * replay needs; webhook secrets of a project.
 */
export class RunFacts1763700000007 implements MigrationInterface {
  name = 'RunFacts1763700000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...FUNCTIONS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [...DOWN_FUNCTIONS, ...DOWN, ...EARLIER_FUNCTIONS.slice(1)])
      await runner.query(statement);
  }
}

const TABLES = [
  `ALTER TABLE projects
     ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
     ADD COLUMN installation_id bigint,
     ADD COLUMN disconnected_at timestamptz(3),
     ADD COLUMN seen_until timestamptz(3)`,
  `CREATE INDEX projects_installation_idx ON projects (installation_id) WHERE installation_id IS NOT NULL`,
  `CREATE TABLE webhook_secrets (
     id uuid CONSTRAINT webhook_secrets_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
     project_id uuid NOT NULL CONSTRAINT webhook_secrets_project_fkey REFERENCES projects ON DELETE CASCADE,
     secret_sealed text NOT NULL,
     created_at timestamptz(3) NOT NULL,
     expires_at timestamptz(3)
   )`,
  `CREATE INDEX webhook_secrets_project_idx ON webhook_secrets (project_id)`,

  `CREATE TABLE runs (
     project_id uuid NOT NULL CONSTRAINT runs_project_fkey REFERENCES projects ON DELETE CASCADE,
     run_id bigint NOT NULL,
     workflow_id bigint,
     workflow_name text,
     trigger text,
     branch text,
     head_sha text,
     head_repository text,
     own_work boolean NOT NULL,
     told_at timestamptz(3) NOT NULL,
     CONSTRAINT runs_pkey PRIMARY KEY (project_id, run_id)
   )`,
  `CREATE INDEX runs_head_idx ON runs (project_id, head_sha)`,
  `CREATE INDEX runs_told_idx ON runs (told_at)`,
  `CREATE TABLE run_attempts (
     project_id uuid NOT NULL CONSTRAINT run_attempts_project_fkey REFERENCES projects ON DELETE CASCADE,
     run_id bigint NOT NULL,
     attempt integer NOT NULL,
     conclusion text,
     ended_at timestamptz(3),
     jobs_listed boolean NOT NULL,
     CONSTRAINT run_attempts_pkey PRIMARY KEY (project_id, run_id, attempt)
   )`,
  `CREATE TABLE job_attempts (
     project_id uuid NOT NULL CONSTRAINT job_attempts_project_fkey REFERENCES projects ON DELETE CASCADE,
     run_id bigint NOT NULL,
     job_name text NOT NULL,
     attempt integer NOT NULL,
     job_id bigint,
     branch text,
     conclusion text NOT NULL,
     failed_step text,
     ended_at timestamptz(3) NOT NULL,
     url text,
     CONSTRAINT job_attempts_pkey PRIMARY KEY (project_id, run_id, job_name, attempt)
   )`,
  // Where a proof of repair is looked for.
  `CREATE INDEX job_attempts_passed_idx ON job_attempts (project_id, branch, job_name, run_id)
     WHERE conclusion = 'success'`,
  `CREATE TABLE pull_requests (
     project_id uuid NOT NULL CONSTRAINT pull_requests_project_fkey REFERENCES projects ON DELETE CASCADE,
     number integer NOT NULL,
     branch text NOT NULL,
     state text NOT NULL,
     merged_at timestamptz(3),
     merge_sha text,
     url text,
     changed_at timestamptz(3) NOT NULL,
     CONSTRAINT pull_requests_pkey PRIMARY KEY (project_id, number)
   )`,
  `CREATE TABLE pull_heads (
     project_id uuid NOT NULL CONSTRAINT pull_heads_project_fkey REFERENCES projects ON DELETE CASCADE,
     head_sha text NOT NULL,
     number integer NOT NULL,
     CONSTRAINT pull_heads_pkey PRIMARY KEY (project_id, head_sha, number)
   )`,
  `CREATE INDEX pull_heads_number_idx ON pull_heads (project_id, number)`,

  `ALTER TABLE incidents
     ADD COLUMN own_work boolean NOT NULL DEFAULT false,
     ADD COLUMN verified_by jsonb`,
  // Incidents that a passing job may prove repaired, or prove so earlier than another has.
  `CREATE INDEX incidents_provable_idx ON incidents (project_id, branch, job_name, verified_at)`,
  // A project's line: what waits to be diagnosed.
  `CREATE INDEX incidents_line_idx ON incidents (project_id) WHERE status IN ('received', 'diagnosing')`,

  `ALTER TABLE deliveries
     ADD COLUMN project_id uuid CONSTRAINT deliveries_project_fkey REFERENCES projects ON DELETE CASCADE,
     ADD COLUMN payload jsonb`,
  `UPDATE deliveries d SET project_id = p.id FROM projects p
     WHERE d.repository IS NOT NULL AND lower(p.host) = lower(d.repository->>'host')
       AND lower(p.owner) = lower(d.repository->>'owner') AND lower(p.name) = lower(d.repository->>'name')`,
  `CREATE INDEX deliveries_project_received_idx ON deliveries (project_id, received_at, id)`,
  `CREATE INDEX deliveries_line_idx ON deliveries (project_id) WHERE status = 'pending'`,

  // What the incidents of before know of their runs.
  `INSERT INTO runs (project_id, run_id, workflow_id, workflow_name, branch, head_sha, own_work, told_at)
     SELECT project_id, run_id, max(workflow_id), max(workflow_name), max(branch), max(head_sha), false, max(updated_at)
     FROM incidents GROUP BY project_id, run_id`,
  `INSERT INTO job_attempts (
     project_id, run_id, job_name, attempt, job_id, branch, conclusion, failed_step, ended_at, url)
     SELECT i.project_id, i.run_id, i.job_name, o.attempt, o.job_id, i.branch, 'failure',
       CASE WHEN o.attempt = i.latest_attempt THEN i.failed_step END, o.failed_at,
       CASE WHEN o.attempt = i.latest_attempt THEN i.url END
     FROM occurrences o JOIN incidents i ON i.id = o.incident_id`,
  `INSERT INTO pull_heads (project_id, head_sha, number)
     SELECT DISTINCT project_id, head_sha, unnest(pull_requests) FROM incidents WHERE head_sha IS NOT NULL`,
];

const DOWN = [
  `ALTER TABLE deliveries DROP COLUMN project_id, DROP COLUMN payload`,
  `ALTER TABLE incidents DROP COLUMN own_work, DROP COLUMN verified_by`,
  `DROP INDEX incidents_line_idx`,
  `DROP TABLE pull_heads, pull_requests, job_attempts, run_attempts, runs, webhook_secrets`,
  `ALTER TABLE projects DROP COLUMN settings, DROP COLUMN installation_id, DROP COLUMN disconnected_at,
     DROP COLUMN seen_until`,
];
