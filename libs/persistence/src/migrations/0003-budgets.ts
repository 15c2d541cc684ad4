import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Budgets of model calls, what projects allow a model, and what the ledger and diagnoses say of it. */
export class Budgets1763700000003 implements MigrationInterface {
  name = 'Budgets1763700000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE usage_ledger
     ADD COLUMN cached_input_tokens integer NOT NULL DEFAULT 0,
     ADD COLUMN cache text NOT NULL DEFAULT 'miss'`,
  `ALTER TABLE usage_ledger ALTER COLUMN cached_input_tokens DROP DEFAULT, ALTER COLUMN cache DROP DEFAULT`,
  `ALTER TABLE diagnoses ADD COLUMN fallback_reason text`,
  // Few at any time: those that wait for the model.
  `CREATE INDEX diagnoses_fallback_idx ON diagnoses (created_at) WHERE fallback_reason IS NOT NULL`,
  `CREATE TABLE model_policies (
     project_id uuid CONSTRAINT model_policies_pkey PRIMARY KEY
       CONSTRAINT model_policies_project_fkey REFERENCES projects ON DELETE CASCADE,
     allows_outside_model boolean NOT NULL,
     daily_usd numeric(18, 9),
     monthly_usd numeric(18, 9)
   )`,
  `CREATE TABLE budget_use (
     scope text NOT NULL,
     period text NOT NULL,
     cost_usd numeric(18, 9) NOT NULL,
     tokens bigint NOT NULL,
     calls integer NOT NULL,
     told boolean NOT NULL,
     CONSTRAINT budget_use_pkey PRIMARY KEY (scope, period)
   )`,

  // Adds the amount to every line, or to none when one has no room for it. The rows are locked in one order, so that
  // callers wait for each other and never in a circle.
  `CREATE FUNCTION reserve_budget(lines jsonb, usd numeric, token_count bigint, call_count integer) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    line jsonb;
    held budget_use%ROWTYPE;
    full_kind text;
  BEGIN
    FOR line IN SELECT value FROM jsonb_array_elements(lines) ORDER BY value->>'scope', value->>'period' LOOP
      INSERT INTO budget_use (scope, period, cost_usd, tokens, calls, told)
        VALUES (line->>'scope', line->>'period', 0, 0, 0, false) ON CONFLICT DO NOTHING;
      SELECT * INTO STRICT held FROM budget_use
        WHERE scope = line->>'scope' AND period = line->>'period' FOR UPDATE;
      full_kind := CASE
        WHEN held.cost_usd + usd > (line->'limits'->>'costUsd')::numeric THEN 'costUsd'
        WHEN held.tokens + token_count > (line->'limits'->>'tokens')::bigint THEN 'tokens'
        WHEN held.calls + call_count > (line->'limits'->>'calls')::integer THEN 'calls'
      END;
      IF full_kind IS NOT NULL THEN
        UPDATE budget_use SET told = true WHERE scope = held.scope AND period = held.period AND NOT told;
        RETURN jsonb_build_object('granted', false, 'kind', full_kind, 'isNews', FOUND, 'exceeded', line ||
          jsonb_build_object('used', jsonb_build_object(
            'costUsd', held.cost_usd, 'tokens', held.tokens, 'calls', held.calls)));
      END IF;
    END LOOP;
    UPDATE budget_use u SET
      cost_usd = u.cost_usd + usd, tokens = u.tokens + token_count, calls = u.calls + call_count
    FROM jsonb_array_elements(lines) AS l
    WHERE u.scope = l.value->>'scope' AND u.period = l.value->>'period';
    RETURN '{"granted": true}';
  END $$`,

  // Corrects a reservation by the difference to what was spent: the lines that passed the share with it.
  `CREATE FUNCTION settle_budget(
    lines jsonb, usd numeric, token_count bigint, call_count integer, warn_share numeric)
  RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    line jsonb;
    held budget_use%ROWTYPE;
    news jsonb := '[]';
  BEGIN
    FOR line IN SELECT value FROM jsonb_array_elements(lines) ORDER BY value->>'scope', value->>'period' LOOP
      UPDATE budget_use SET
        cost_usd = greatest(0, cost_usd + usd),
        tokens = greatest(0, tokens + token_count),
        calls = greatest(0, calls + call_count)
      WHERE scope = line->>'scope' AND period = line->>'period'
      RETURNING * INTO held;
      CONTINUE WHEN NOT FOUND OR held.told;
      IF held.cost_usd >= warn_share * (line->'limits'->>'costUsd')::numeric
        OR held.tokens >= warn_share * (line->'limits'->>'tokens')::bigint
        OR held.calls >= warn_share * (line->'limits'->>'calls')::integer
      THEN
        UPDATE budget_use SET told = true WHERE scope = held.scope AND period = held.period;
        news := news || jsonb_build_array(line || jsonb_build_object('used', jsonb_build_object(
          'costUsd', held.cost_usd, 'tokens', held.tokens, 'calls', held.calls)));
      END IF;
    END LOOP;
    RETURN news;
  END $$`,
];

const DOWN = [
  `DROP FUNCTION settle_budget(jsonb, numeric, bigint, integer, numeric)`,
  `DROP FUNCTION reserve_budget(jsonb, numeric, bigint, integer)`,
  `DROP TABLE budget_use, model_policies`,
  `ALTER TABLE diagnoses DROP COLUMN fallback_reason`,
  `ALTER TABLE usage_ledger DROP COLUMN cache, DROP COLUMN cached_input_tokens`,
];
