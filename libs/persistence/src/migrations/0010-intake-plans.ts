import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The intake's statements are planned once a connection. PostgreSQL would plan those with arrays anew at each call, which
 * took as long as running them: all of them look rows up by a key, so that the values change nothing about the plan.
 */
export class IntakePlans1763700000010 implements MigrationInterface {
  name = 'IntakePlans1763700000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const name of FUNCTIONS)
      await runner.query(`ALTER FUNCTION ${name} SET plan_cache_mode = 'force_generic_plan'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of FUNCTIONS) await runner.query(`ALTER FUNCTION ${name} RESET plan_cache_mode`);
  }
}

/** Those that are called from outside; what they call is planned as they are. */
const FUNCTIONS = ['record_delivery', 'expand_delivery', 'learn_facts', 'settle_incidents'];
