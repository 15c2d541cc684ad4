import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS } from './0007-run-facts-functions.js';

/**
 * Most failures are told before anything passed that came after them: then nothing can prove a repair and nothing has to be
 * asked. Two look-ups say so, where the statements that look for both took a third of a delivery's time.
 */
export class FailuresWithoutSuccessors1763700000018 implements MigrationInterface {
  name = 'FailuresWithoutSuccessors1763700000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MAY_HAVE_PASSED);
    await runner.query(
      REPLACEMENTS.reduce((sql, [before, after]) => replaced(sql, before, after), original()),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(original());
    await runner.query('DROP FUNCTION may_have_passed(uuid, jsonb)');
  }
}

// Wider than find_proof and wanted_of: where it says no, both find nothing.
const MAY_HAVE_PASSED = `
  CREATE FUNCTION may_have_passed(owner_id uuid, job jsonb) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
  DECLARE
    number bigint := (job->>'runId')::bigint;
  BEGIN
    IF job->>'jobName' = '' THEN RETURN true; END IF;
    PERFORM FROM run_attempts WHERE project_id = owner_id AND run_id >= number AND conclusion = 'success' LIMIT 1;
    IF FOUND THEN RETURN true; END IF;
    PERFORM FROM job_attempts WHERE project_id = owner_id AND run_id = number AND job_name = job->>'jobName'
      AND conclusion = 'success' LIMIT 1;
    IF FOUND THEN RETURN true; END IF;
    PERFORM FROM runs r JOIN job_attempts a ON a.project_id = r.project_id AND a.branch = r.branch
      WHERE r.project_id = owner_id AND r.run_id = number AND a.job_name = job->>'jobName'
        AND a.run_id > number AND a.conclusion = 'success' LIMIT 1;
    RETURN FOUND;
  END $$`;

const REPLACEMENTS: readonly (readonly [string, string])[] = [
  ['    stands text;\n', '    stands text;\n    may_be_repaired boolean := true;\n'],
  [
    '      resolved := settle_incidents(touched, now, settleable);\n',
    `      may_be_repaired := may_have_passed(owner_id, meaning->'job');
      IF may_be_repaired THEN resolved := settle_incidents(touched, now, settleable); END IF;\n`,
  ],
  [
    `    IF stands = 'processed' AND told IN ('failed_job', 'job', 'run') AND EXISTS (
      SELECT FROM incidents i, wanted_of(i) WHERE i.id = ANY (touched) AND i.verified_by IS NULL
        AND i.status <> 'ignored')
    THEN stands := 'pending'; END IF;\n`,
    `    -- By itself: a condition that is not evaluated is prepared all the same.
    IF stands = 'processed' AND told IN ('failed_job', 'job', 'run') AND may_be_repaired THEN
      IF EXISTS (
        SELECT FROM incidents i, wanted_of(i) WHERE i.id = ANY (touched) AND i.verified_by IS NULL
          AND i.status <> 'ignored')
      THEN stands := 'pending'; END IF;
    END IF;\n`,
  ],
];

/** `record_delivery` as it was. */
function original(): string {
  const sql = FUNCTIONS.find((each) => each.startsWith('CREATE FUNCTION record_delivery('))!;
  return sql.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
}

function replaced(sql: string, before: string, after: string): string {
  if (!sql.includes(before)) throw new Error(`record_delivery has no such part: ${before}`);
  return sql.replace(before, () => after);
}
