import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The comments that are kept up to date are looked for each round, among all actions that were ever taken. */
export class OutdatedComments1763700000020 implements MigrationInterface {
  name = 'OutdatedComments1763700000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX actions_comments_idx ON actions (finished_at) WHERE kind = 'comment' AND state = 'done'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX actions_comments_idx');
  }
}
