import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Remediation workflows, the actions they take, what projects allow, and what a day has used of it. */
export class Remediation1763700000008 implements MigrationInterface {
  name = 'Remediation1763700000008';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION begin_action(jsonb, uuid, timestamptz, timestamptz)`);
    await runner.query(`DROP TABLE action_use, actions, workflows, action_policies`);
  }
}

const UP = [
  `CREATE TABLE action_policies (
    project_id uuid CONSTRAINT action_policies_pkey PRIMARY KEY
      CONSTRAINT action_policies_project_fkey REFERENCES projects ON DELETE CASCADE,
    policy jsonb NOT NULL
  )`,
  `CREATE TABLE workflows (
    id uuid CONSTRAINT workflows_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id uuid NOT NULL CONSTRAINT workflows_project_fkey REFERENCES projects ON DELETE CASCADE,
    incident_id uuid NOT NULL CONSTRAINT workflows_incident_fkey REFERENCES incidents ON DELETE CASCADE,
    attempt integer NOT NULL,
    status text NOT NULL,
    reason text,
    steps jsonb NOT NULL,
    planned_by jsonb NOT NULL,
    approved_by jsonb,
    verify_until timestamptz(3),
    sequence integer NOT NULL,
    outbox_at timestamptz(3) NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL
  )`,
  // One at a time for an incident.
  `CREATE UNIQUE INDEX workflows_active_key ON workflows (incident_id)
     WHERE status IN ('planned', 'awaiting_approval', 'approved', 'running', 'verifying')`,
  `CREATE INDEX workflows_incident_idx ON workflows (incident_id, attempt)`,
  `CREATE INDEX workflows_created_idx ON workflows (created_at, id)`,
  `CREATE INDEX workflows_project_created_idx ON workflows (project_id, created_at, id)`,
  `CREATE INDEX workflows_outbox_idx ON workflows (outbox_at)
     WHERE status IN ('approved', 'running', 'verifying')`,
  `CREATE TABLE actions (
    id uuid CONSTRAINT actions_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
    project_id uuid NOT NULL CONSTRAINT actions_project_fkey REFERENCES projects ON DELETE CASCADE,
    key text NOT NULL,
    kind text NOT NULL,
    incident_id uuid CONSTRAINT actions_incident_fkey REFERENCES incidents ON DELETE SET NULL,
    workflow_id uuid CONSTRAINT actions_workflow_fkey REFERENCES workflows ON DELETE SET NULL,
    payload_hash text NOT NULL,
    state text NOT NULL,
    remote_id text,
    url text,
    error text,
    claim_token uuid,
    claim_until timestamptz(3),
    started_at timestamptz(3) NOT NULL,
    finished_at timestamptz(3),
    CONSTRAINT actions_key UNIQUE (project_id, key),
    CONSTRAINT actions_claim_check
      CHECK ((state = 'started') = (claim_token IS NOT NULL AND claim_until IS NOT NULL))
  )`,
  `CREATE INDEX actions_incident_idx ON actions (incident_id)`,
  `CREATE INDEX actions_workflow_idx ON actions (workflow_id)`,
  `CREATE TABLE action_use (
    project_id uuid NOT NULL CONSTRAINT action_use_project_fkey REFERENCES projects ON DELETE CASCADE,
    day text NOT NULL,
    kind text NOT NULL,
    used integer NOT NULL,
    CONSTRAINT action_use_pkey PRIMARY KEY (project_id, day, kind)
  )`,

  // Takes an action, or says why not: {outcome, id | until | scope and limit}.
  `CREATE FUNCTION begin_action(start jsonb, token uuid, now timestamptz, until timestamptz) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    project uuid := (start->>'projectId')::uuid;
    today text := to_char(now AT TIME ZONE 'UTC', 'YYYY-MM-DD');
    held actions%ROWTYPE;
    counted text;
    count_so_far integer;
    scope text;
    most integer;
  BEGIN
    -- The day's row is what all new actions of a project pass, one after the other: two beginners of one key as well.
    INSERT INTO action_use (project_id, day, kind, used) VALUES (project, today, 'all', 0) ON CONFLICT DO NOTHING;
    PERFORM FROM action_use WHERE project_id = project AND day = today AND kind = 'all' FOR UPDATE;

    SELECT * INTO held FROM actions WHERE project_id = project AND key = start->>'key' FOR UPDATE;
    IF FOUND THEN
      IF held.state = 'started' AND held.claim_until > now THEN
        RETURN jsonb_build_object('outcome', 'busy', 'until', held.claim_until);
      END IF;
      IF held.state = 'done'
        AND (NOT (start->>'updatable')::boolean OR held.payload_hash = start->>'payloadHash')
      THEN
        RETURN jsonb_build_object('outcome', 'done', 'id', held.id);
      END IF;
      UPDATE actions SET state = 'started', claim_token = token, claim_until = until, error = NULL, finished_at = NULL,
        payload_hash = start->>'payloadHash', incident_id = (start->>'incidentId')::uuid,
        workflow_id = (start->>'workflowId')::uuid
        WHERE id = held.id;
      RETURN jsonb_build_object('outcome', 'begun', 'id', held.id);
    END IF;

    FOREACH counted IN ARRAY ARRAY['all', start->>'kind'] LOOP
      scope := CASE WHEN counted = 'all' THEN 'all' ELSE 'each' END;
      most := (start->'dailyLimits'->>scope)::integer;
      INSERT INTO action_use (project_id, day, kind, used) VALUES (project, today, counted, 0) ON CONFLICT DO NOTHING;
      SELECT used INTO STRICT count_so_far FROM action_use
        WHERE project_id = project AND day = today AND kind = counted;
      IF count_so_far >= most THEN
        RETURN jsonb_build_object('outcome', 'limited', 'scope', scope, 'limit', most);
      END IF;
    END LOOP;
    UPDATE action_use SET used = used + 1
      WHERE project_id = project AND day = today AND kind IN ('all', start->>'kind');
    INSERT INTO actions (
      project_id, key, kind, incident_id, workflow_id, payload_hash, state, claim_token, claim_until, started_at)
    VALUES (
      project, start->>'key', start->>'kind', (start->>'incidentId')::uuid, (start->>'workflowId')::uuid,
      start->>'payloadHash', 'started', token, until, now)
    RETURNING * INTO held;
    RETURN jsonb_build_object('outcome', 'begun', 'id', held.id);
  END $$`,
];
