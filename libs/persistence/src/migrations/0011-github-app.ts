import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The GitHub App that was made from the product's manifest, and the set-ups that lead to one. */
export class GithubApp1763700000011 implements MigrationInterface {
  name = 'GithubApp1763700000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE github_apps (
         host text CONSTRAINT github_apps_pkey PRIMARY KEY,
         app_id bigint NOT NULL,
         slug text NOT NULL,
         client_id text NOT NULL,
         url text NOT NULL,
         owner text,
         private_key_sealed text NOT NULL,
         client_secret_sealed text NOT NULL,
         webhook_secret_sealed text,
         created_at timestamptz(3) NOT NULL,
         created_by text NOT NULL
       )`,
    );
    await runner.query(
      `CREATE TABLE github_app_setups (
         id uuid CONSTRAINT github_app_setups_pkey PRIMARY KEY,
         ticket_hash text NOT NULL CONSTRAINT github_app_setups_ticket_key UNIQUE,
         browser_hash text,
         state_hash text CONSTRAINT github_app_setups_state_key UNIQUE,
         created_by text NOT NULL,
         created_at timestamptz(3) NOT NULL,
         expires_at timestamptz(3) NOT NULL,
         used_at timestamptz(3)
       )`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE github_app_setups');
    await runner.query('DROP TABLE github_apps');
  }
}
