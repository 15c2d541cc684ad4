import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS } from './0007-run-facts-functions.js';
import { UP as IN_GROUPS } from './0016-intake-in-groups.js';

/**
 * Since when a project is connected: one that was only made for a log handed in by hand is not, and nothing is asked about
 * it. When a person reopened an incident: what passed before is no proof of its repair any more.
 */
export class ConnectedAndReopened1763700000017 implements MigrationInterface {
  name = 'ConnectedAndReopened1763700000017';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...COLUMNS, NOTE_INSTALLATION, RECORD_DELIVERIES, ...PROOFS]) await runner.query(sql);
    await planAsBefore(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['note_installation', 'find_proof', 'wanted_of'])
      await runner.query(replacing(earlier(name)));
    await runner.query(
      replacing(IN_GROUPS.find((sql) => sql.startsWith('CREATE FUNCTION record_deliveries('))!),
    );
    await planAsBefore(runner);
    await runner.query('ALTER TABLE incidents DROP COLUMN reopened_at');
    await runner.query('ALTER TABLE projects DROP COLUMN connected_at');
  }
}

/** Replacing a function forgets how it is planned. */
async function planAsBefore(runner: QueryRunner): Promise<void> {
  await runner.query(`ALTER FUNCTION record_deliveries SET plan_cache_mode = 'force_generic_plan'`);
  await runner.query(`ALTER FUNCTION record_deliveries SET enable_seqscan = off`);
}

function earlier(name: string): string {
  return FUNCTIONS.find((sql) => sql.startsWith(`CREATE FUNCTION ${name}(`))!;
}

function replacing(sql: string): string {
  return sql.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
}

const COLUMNS = [
  `ALTER TABLE projects ADD COLUMN connected_at timestamptz(3)`,
  // All but those of which nothing is known but logs that were handed in; what reconciliation itself took in says nothing.
  `UPDATE projects p SET connected_at = created_at
     WHERE installation_id IS NOT NULL OR settings <> '{}'
       OR EXISTS (SELECT FROM webhook_secrets s WHERE s.project_id = p.id)
       OR EXISTS (SELECT FROM deliveries d WHERE d.project_id = p.id AND d.id NOT LIKE 'reconciled_%')
       OR NOT EXISTS (SELECT FROM incidents i WHERE i.project_id = p.id AND i.source = 'manual')`,
  `ALTER TABLE incidents ADD COLUMN reopened_at timestamptz(3)`,
];

const NOTE_INSTALLATION = `CREATE OR REPLACE FUNCTION note_installation(told jsonb, now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE projects SET installation_id = (told->>'installationId')::bigint, disconnected_at = NULL,
        connected_at = coalesce(connected_at, now)
      WHERE id IN (SELECT ensure_project(repository, now) FROM jsonb_array_elements(told->'connected') AS repository);
    UPDATE projects SET disconnected_at = coalesce(disconnected_at, now)
      WHERE id IN (SELECT find_project(repository) FROM jsonb_array_elements(told->'disconnected') AS repository);
    IF told->>'wholeIsConnected' IS NOT NULL THEN
      UPDATE projects
        SET disconnected_at = CASE WHEN (told->>'wholeIsConnected')::boolean THEN NULL ELSE coalesce(disconnected_at, now) END
        WHERE installation_id = (told->>'installationId')::bigint;
    END IF;
  END $$`;

// As before; a project that a delivery tells of is connected from then on.
const RECORD_DELIVERIES = `CREATE OR REPLACE FUNCTION record_deliveries(
    told jsonb, now timestamptz, reopenable text[], settleable text[]) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    one jsonb;
    results jsonb := '[]';
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('record_deliveries'), repository) FROM (
      SELECT DISTINCT hashtext(lower(concat_ws('/', each->'delivery'->'repository'->>'host',
        each->'delivery'->'repository'->>'owner', each->'delivery'->'repository'->>'name'))) AS repository
      FROM jsonb_array_elements(told) AS each ORDER BY 1) AS involved;
    FOR one IN SELECT jsonb_array_elements(told) LOOP
      results := results || jsonb_build_array(record_delivery(
        one->'delivery', now, reopenable, settleable, (one->>'isShared')::boolean, (one->>'isReplay')::boolean));
    END LOOP;
    UPDATE projects SET connected_at = now
      WHERE connected_at IS NULL AND id IN (
        SELECT (said->>'projectId')::uuid FROM jsonb_array_elements(results) AS said
        WHERE NOT (said->>'refused')::boolean);
    RETURN results;
  END $$`;

// As before; what passed before a person reopened the incident proves nothing.
const PROOFS = ['find_proof', 'wanted_of'].map((name) =>
  replacing(earlier(name)).replaceAll(
    `AND a.conclusion = 'success'`,
    `AND a.conclusion = 'success' AND (i.reopened_at IS NULL OR a.ended_at > i.reopened_at)`,
  ),
);
