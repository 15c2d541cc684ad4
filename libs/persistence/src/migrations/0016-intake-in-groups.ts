import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS } from './0007-run-facts-functions.js';

/** Those that are called from outside; what they call is planned as they are. */
const CALLED = ['record_deliveries', 'expand_delivery', 'learn_facts', 'settle_incidents'];

/**
 * Deliveries are recorded in groups, and planned for tables that will be large: planned while they were empty, a look-up
 * by key read the whole table from then on, until statistics were gathered.
 */
export class IntakeInGroups1763700000016 implements MigrationInterface {
  name = 'IntakeInGroups1763700000016';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of UP) await runner.query(sql);
    for (const name of CALLED) {
      await runner.query(`ALTER FUNCTION ${name} SET plan_cache_mode = 'force_generic_plan'`);
      await runner.query(`ALTER FUNCTION ${name} SET enable_seqscan = off`);
    }
    await runner.query('ALTER FUNCTION record_delivery RESET plan_cache_mode');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER FUNCTION record_delivery SET plan_cache_mode = 'force_generic_plan'`);
    await runner.query('DROP FUNCTION record_deliveries(jsonb, timestamptz, text[], text[])');
    for (const name of CALLED.slice(1)) await runner.query(`ALTER FUNCTION ${name} RESET enable_seqscan`);
    const before = FUNCTIONS.find((sql) => sql.startsWith('CREATE FUNCTION note_run('))!;
    await runner.query(before.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'));
  }
}

export const UP = [
  // As before, but for a run that is new: it has no incidents yet that could be derived anew.
  `CREATE OR REPLACE FUNCTION note_run(owner_id uuid, run jsonb, now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    number bigint := (run->>'runId')::bigint;
    has_heads boolean;
    is_new boolean;
  BEGIN
    INSERT INTO pull_heads (project_id, head_sha, number)
      SELECT owner_id, run->>'headSha', pull::integer FROM jsonb_array_elements_text(run->'pullRequests') AS pull
      WHERE run->>'headSha' IS NOT NULL AND run->'pullRequests' IS NOT NULL
      ON CONFLICT DO NOTHING;
    has_heads := FOUND;
    INSERT INTO runs AS known (
      project_id, run_id, workflow_id, workflow_name, trigger, branch, head_sha, head_repository, own_work, told_at)
    VALUES (
      owner_id, number, (run->>'workflowId')::bigint, run->>'workflowName', run->>'trigger', run->>'branch',
      run->>'headSha', lower(run->>'headRepository'), coalesce((run->>'ownWork')::boolean, false), now)
    ON CONFLICT (project_id, run_id) DO UPDATE SET
      workflow_id = coalesce(known.workflow_id, excluded.workflow_id),
      workflow_name = coalesce(known.workflow_name, excluded.workflow_name),
      trigger = coalesce(known.trigger, excluded.trigger),
      branch = coalesce(known.branch, excluded.branch),
      head_sha = coalesce(known.head_sha, excluded.head_sha),
      head_repository = coalesce(known.head_repository, excluded.head_repository),
      own_work = known.own_work OR excluded.own_work
    WHERE (known.workflow_id IS NULL AND excluded.workflow_id IS NOT NULL)
      OR (known.workflow_name IS NULL AND excluded.workflow_name IS NOT NULL)
      OR (known.trigger IS NULL AND excluded.trigger IS NOT NULL)
      OR (known.branch IS NULL AND excluded.branch IS NOT NULL)
      OR (known.head_sha IS NULL AND excluded.head_sha IS NOT NULL)
      OR (known.head_repository IS NULL AND excluded.head_repository IS NOT NULL)
      OR (excluded.own_work AND NOT known.own_work)
    RETURNING known.xmax = 0 INTO is_new;
    IF is_new IS NOT TRUE AND (is_new IS NOT NULL OR has_heads) THEN PERFORM derive_run(owner_id, number, now); END IF;
  END $$`,

  /*
   * Deliveries in their order, all or nothing: [what record_delivery says of each]. Groups of the same repositories take
   * turns, whichever process they come from: each would wait for what another's earlier delivery holds.
   */
  `CREATE FUNCTION record_deliveries(told jsonb, now timestamptz, reopenable text[], settleable text[]) RETURNS jsonb
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
    RETURN results;
  END $$`,
];
