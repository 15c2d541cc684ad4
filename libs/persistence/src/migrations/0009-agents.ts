import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people decide about a model's roles, and what projects allow of tokens and calls. */
export class Agents1763700000009 implements MigrationInterface {
  name = 'Agents1763700000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE agent_states (
         id text CONSTRAINT agent_states_pkey PRIMARY KEY,
         active boolean NOT NULL,
         prompt_version text,
         updated_at timestamptz(3) NOT NULL
       )`,
    );
    await runner.query(
      `ALTER TABLE model_policies ADD COLUMN daily_tokens bigint, ADD COLUMN monthly_tokens bigint,
         ADD COLUMN daily_calls integer, ADD COLUMN monthly_calls integer`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE model_policies DROP COLUMN daily_tokens, DROP COLUMN monthly_tokens, DROP COLUMN daily_calls,
         DROP COLUMN monthly_calls`,
    );
    await runner.query('DROP TABLE agent_states');
  }
}
