import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which diagnosis a workflow was planned from, so that it ends with it. */
export class PlansOfADiagnosis1763700000022 implements MigrationInterface {
  name = 'PlansOfADiagnosis1763700000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE workflows ADD COLUMN diagnosis_id uuid, ADD COLUMN diagnosed_at timestamptz(3)',
    );
    // A diagnosis that was made before the plan is the one that it was made from; one that was made later is not: such a
    // plan is called off, and so is one whose diagnosis was called wrong.
    await runner.query(
      `UPDATE workflows w SET diagnosis_id = d.id, diagnosed_at = least(d.created_at, w.created_at)
       FROM incidents i JOIN diagnoses d ON d.id = i.diagnosis_id
       WHERE i.id = w.incident_id`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE workflows DROP COLUMN diagnosis_id, DROP COLUMN diagnosed_at');
  }
}
