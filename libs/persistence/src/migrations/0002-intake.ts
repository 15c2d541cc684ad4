import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The intake of failed jobs as functions of the database, so that a webhook costs one round trip and one transaction.
 * Which moves are legal they are told by the domain, as the statuses that may be reopened.
 */
export class Intake1763700000002 implements MigrationInterface {
  name = 'Intake1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of FUNCTIONS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION expand_delivery(text, jsonb, text, text, timestamptz, text[])`);
    await runner.query(`DROP FUNCTION record_delivery(jsonb, timestamptz, text[])`);
    await runner.query(`DROP FUNCTION open_incident(jsonb, timestamptz, text[])`);
    await runner.query(`DROP FUNCTION ensure_project(jsonb, timestamptz)`);
  }
}

export const FUNCTIONS = [
  // The project of a repository, made when it is new.
  `CREATE FUNCTION ensure_project(repository jsonb, now timestamptz) RETURNS uuid LANGUAGE plpgsql AS $$
  DECLARE
    found_id uuid;
  BEGIN
    SELECT id INTO found_id FROM projects
      WHERE lower(host) = lower(repository->>'host') AND lower(owner) = lower(repository->>'owner')
        AND lower(name) = lower(repository->>'name');
    IF FOUND THEN RETURN found_id; END IF;
    INSERT INTO projects (host, owner, name, created_at)
      VALUES (repository->>'host', repository->>'owner', repository->>'name', now)
      ON CONFLICT (lower(host), lower(owner), lower(name)) DO NOTHING;
    SELECT id INTO STRICT found_id FROM projects
      WHERE lower(host) = lower(repository->>'host') AND lower(owner) = lower(repository->>'owner')
        AND lower(name) = lower(repository->>'name');
    RETURN found_id;
  END $$`,

  // One failed attempt of a job: {incidentId, sequence, outcome}.
  `CREATE FUNCTION open_incident(job jsonb, now timestamptz, reopenable text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    owner_id uuid := ensure_project(job->'repository', now);
    attempt_number integer := (job->>'attempt')::integer;
    failed timestamptz := (job->>'failedAt')::timestamptz;
    attempt_facts jsonb := jsonb_build_object('attempt', job->'attempt', 'conclusion', job->'conclusion');
    incident incidents%ROWTYPE;
    is_new_attempt boolean;
    is_later boolean;
    reopens boolean;
  BEGIN
    INSERT INTO incidents (
      project_id, source, run_id, job_name, workflow_id, workflow_name, head_sha, branch, pull_requests, url, status,
      latest_attempt, latest_job_id, failed_step, occurrences, opened_at, last_failed_at, updated_at, sequence,
      outbox_at)
    VALUES (
      owner_id, job->>'source', (job->>'runId')::bigint, job->>'jobName', (job->>'workflowId')::bigint,
      job->>'workflowName', job->>'headSha', job->>'branch',
      ARRAY(SELECT jsonb_array_elements_text(job->'pullRequests')::integer), job->>'url', 'received',
      attempt_number, (job->>'jobId')::bigint, job->>'failedStep', 1, now, failed, now, 1, now)
    ON CONFLICT (project_id, run_id, job_name) DO NOTHING
    RETURNING * INTO incident;
    IF FOUND THEN
      INSERT INTO occurrences (incident_id, attempt, job_id, failed_at)
        VALUES (incident.id, attempt_number, (job->>'jobId')::bigint, failed);
      INSERT INTO incident_events (incident_id, at, kind, to_status, facts)
        VALUES (incident.id, now, 'opened', 'received', attempt_facts);
      RETURN jsonb_build_object('incidentId', incident.id, 'sequence', 1, 'outcome', 'opened');
    END IF;

    SELECT * INTO STRICT incident FROM incidents
      WHERE project_id = owner_id AND run_id = (job->>'runId')::bigint AND job_name = job->>'jobName'
      FOR UPDATE;
    INSERT INTO occurrences (incident_id, attempt, job_id, failed_at)
      VALUES (incident.id, attempt_number, (job->>'jobId')::bigint, failed)
      ON CONFLICT (incident_id, attempt) DO NOTHING;
    is_new_attempt := FOUND;

    IF NOT is_new_attempt THEN
      -- A second report of an attempt may know what the first didn't.
      UPDATE occurrences SET job_id = (job->>'jobId')::bigint
        WHERE incident_id = incident.id AND attempt = attempt_number AND job_id IS NULL
          AND job->>'jobId' IS NOT NULL;
      IF attempt_number = incident.latest_attempt THEN
        UPDATE incidents SET
          latest_job_id = coalesce(latest_job_id, (job->>'jobId')::bigint),
          failed_step = coalesce(failed_step, job->>'failedStep'),
          workflow_id = coalesce(workflow_id, (job->>'workflowId')::bigint),
          workflow_name = coalesce(workflow_name, job->>'workflowName'),
          head_sha = coalesce(head_sha, job->>'headSha'),
          branch = coalesce(branch, job->>'branch'),
          url = coalesce(url, job->>'url')
        WHERE id = incident.id;
      END IF;
      RETURN jsonb_build_object(
        'incidentId', incident.id, 'sequence', incident.sequence, 'outcome', 'known');
    END IF;

    is_later := attempt_number > incident.latest_attempt;
    reopens := is_later AND incident.status = ANY (reopenable);
    INSERT INTO incident_events (incident_id, at, kind, facts)
      VALUES (incident.id, now, 'occurred_again', attempt_facts);
    UPDATE incidents SET
      occurrences = occurrences + 1,
      last_failed_at = greatest(last_failed_at, failed),
      updated_at = now,
      latest_attempt = greatest(latest_attempt, attempt_number),
      latest_job_id = CASE WHEN is_later THEN (job->>'jobId')::bigint ELSE latest_job_id END,
      failed_step = CASE WHEN is_later THEN job->>'failedStep' ELSE failed_step END,
      head_sha = CASE WHEN is_later THEN coalesce(job->>'headSha', head_sha) ELSE head_sha END,
      url = CASE WHEN is_later THEN coalesce(job->>'url', url) ELSE url END,
      status = CASE WHEN reopens THEN 'received' ELSE status END,
      status_reason = CASE WHEN reopens THEN NULL ELSE status_reason END,
      claim_token = CASE WHEN reopens THEN NULL ELSE claim_token END,
      claim_until = CASE WHEN reopens THEN NULL ELSE claim_until END,
      sequence = CASE WHEN reopens THEN sequence + 1 ELSE sequence END,
      outbox_at = CASE WHEN reopens THEN now ELSE outbox_at END
    WHERE id = incident.id;
    IF NOT reopens THEN
      RETURN jsonb_build_object(
        'incidentId', incident.id, 'sequence', incident.sequence, 'outcome', 'known');
    END IF;
    DELETE FROM diagnosis_steps WHERE incident_id = incident.id;
    INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
      VALUES (incident.id, now, 'moved', incident.status, 'received', attempt_facts);
    RETURN jsonb_build_object(
      'incidentId', incident.id, 'sequence', incident.sequence + 1, 'outcome', 'reopened');
  END $$`,

  // A delivery with the incident that it means: {duplicate, incidents}.
  `CREATE FUNCTION record_delivery(delivery jsonb, now timestamptz, reopenable text[]) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    meaning jsonb := delivery->'meaning';
    opened jsonb;
  BEGIN
    INSERT INTO deliveries (id, event, action, repository, received_at, meaning, status, note, outbox_at)
    VALUES (
      delivery->>'id', delivery->>'event', delivery->>'action', nullif(delivery->'repository', 'null'),
      (delivery->>'receivedAt')::timestamptz, meaning,
      CASE meaning->>'kind' WHEN 'failed_job' THEN 'processed' WHEN 'failed_run' THEN 'pending' ELSE 'ignored' END,
      CASE meaning->>'kind' WHEN 'ignored' THEN meaning->>'reason' END,
      (delivery->>'receivedAt')::timestamptz)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
      RETURN jsonb_build_object('duplicate', true, 'incidents', (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object('incidentId', i.id, 'sequence', i.sequence, 'outcome', 'known') ORDER BY known.place),
          '[]')
        FROM deliveries d, unnest(d.incident_ids) WITH ORDINALITY AS known (id, place)
        JOIN incidents i ON i.id = known.id
        WHERE d.id = delivery->>'id'));
    END IF;
    IF meaning->>'kind' <> 'failed_job' THEN
      RETURN jsonb_build_object('duplicate', false, 'incidents', '[]'::jsonb);
    END IF;
    opened := open_incident(meaning->'job', now, reopenable);
    UPDATE deliveries SET incident_ids = ARRAY[(opened->>'incidentId')::uuid] WHERE id = delivery->>'id';
    RETURN jsonb_build_object('duplicate', false, 'incidents', jsonb_build_array(opened));
  END $$`,

  // The incidents of a pending delivery's failed jobs: [{incidentId, sequence, outcome}].
  `CREATE FUNCTION expand_delivery(
    delivery_id text, jobs jsonb, new_status text, new_note text, now timestamptz, reopenable text[])
  RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    job jsonb;
    opened jsonb := '[]';
  BEGIN
    PERFORM FROM deliveries WHERE id = delivery_id AND status = 'pending' FOR UPDATE;
    IF NOT FOUND THEN RETURN opened; END IF;
    FOR job IN SELECT jsonb_array_elements(jobs) LOOP
      -- A job without a name is the run itself: its own incident only where no job of the run has one.
      CONTINUE WHEN job->>'jobName' = '' AND EXISTS (
        SELECT FROM incidents
        WHERE project_id = ensure_project(job->'repository', now) AND run_id = (job->>'runId')::bigint
          AND job_name <> '');
      opened := opened || open_incident(job, now, reopenable);
    END LOOP;
    UPDATE deliveries SET status = new_status, note = new_note,
      incident_ids = ARRAY(SELECT (jsonb_array_elements(opened)->>'incidentId')::uuid)
      WHERE id = delivery_id;
    RETURN opened;
  END $$`,
];
