/**
 * The intake with facts: each report is stored, then the incidents that it concerns are derived from all that is known.
 * Rules (`mayProve`, what may be resolved or reopened) are the domain's; statuses come in as parameters.
 */
export const FUNCTIONS = [
  `DROP FUNCTION expand_delivery(text, jsonb, text, text, timestamptz, text[])`,
  `DROP FUNCTION record_delivery(jsonb, timestamptz, text[])`,
  `DROP FUNCTION open_incident(jsonb, timestamptz, text[])`,

  `CREATE FUNCTION find_project(repository jsonb) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT id FROM projects
      WHERE lower(host) = lower(repository->>'host') AND lower(owner) = lower(repository->>'owner')
        AND lower(name) = lower(repository->>'name')
  $$`,

  `CREATE FUNCTION same_workflow(a_id bigint, a_name text, b_id bigint, b_name text) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a_name IS NOT NULL AND b_name IS NOT NULL THEN a_name = b_name
      ELSE coalesce(a_id = b_id, false) END
  $$`,

  // What is constant in a run, completed by each report, and then by it the run's incidents.
  `CREATE FUNCTION note_run(owner_id uuid, run jsonb, now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    number bigint := (run->>'runId')::bigint;
    is_news boolean;
  BEGIN
    INSERT INTO pull_heads (project_id, head_sha, number)
      SELECT owner_id, run->>'headSha', pull::integer FROM jsonb_array_elements_text(run->'pullRequests') AS pull
      WHERE run->>'headSha' IS NOT NULL AND run->'pullRequests' IS NOT NULL
      ON CONFLICT DO NOTHING;
    is_news := FOUND;
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
      OR (excluded.own_work AND NOT known.own_work);
    IF FOUND OR is_news THEN PERFORM derive_run(owner_id, number, now); END IF;
  END $$`,

  // The incidents of a run as what is known of the run has them.
  `CREATE FUNCTION derive_run(owner_id uuid, wanted_run bigint, now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE incidents i SET
      workflow_id = r.workflow_id, workflow_name = r.workflow_name, branch = r.branch, head_sha = r.head_sha,
      own_work = r.own_work, pull_requests = pulls.numbers
    FROM runs r CROSS JOIN LATERAL (
      SELECT ARRAY(
        SELECT h.number FROM pull_heads h WHERE h.project_id = owner_id AND h.head_sha = r.head_sha
        UNION SELECT unnest(known.pull_requests) FROM incidents known
          WHERE known.project_id = owner_id AND known.run_id = wanted_run
        ORDER BY number) AS numbers) AS pulls
    WHERE r.project_id = owner_id AND r.run_id = wanted_run AND i.project_id = owner_id AND i.run_id = wanted_run
      AND (i.workflow_id, i.workflow_name, i.branch, i.head_sha, i.own_work, i.pull_requests)
        IS DISTINCT FROM (r.workflow_id, r.workflow_name, r.branch, r.head_sha, r.own_work, pulls.numbers);
    IF FOUND THEN
      PERFORM note_merges(ARRAY(SELECT id FROM incidents WHERE project_id = owner_id AND run_id = wanted_run), now);
    END IF;
  END $$`,

  // The merges of the pull requests of incidents, once each on their timelines.
  `CREATE FUNCTION note_merges(incident_ids uuid[], now timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO incident_events (incident_id, at, kind, facts)
    SELECT i.id, now, 'pull_request_merged',
      jsonb_build_object('number', p.number, 'mergedAt', p.merged_at, 'sha', p.merge_sha, 'url', p.url)
    FROM incidents i JOIN pull_requests p
      ON p.project_id = i.project_id AND p.number = ANY (i.pull_requests) AND p.merged_at IS NOT NULL
    WHERE i.id = ANY (incident_ids) AND NOT EXISTS (
      SELECT FROM incident_events e WHERE e.incident_id = i.id AND e.kind = 'pull_request_merged'
        AND (e.facts->>'number')::integer = p.number)
  $$`,

  `CREATE FUNCTION note_run_attempt(owner_id uuid, run jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO run_attempts AS known (project_id, run_id, attempt, conclusion, ended_at, jobs_listed)
    SELECT owner_id, (run->>'runId')::bigint, (run->>'attempt')::integer, run->>'conclusion',
      coalesce(run->>'endedAt', run->>'failedAt')::timestamptz, false
    WHERE run->>'conclusion' IS NOT NULL
    ON CONFLICT (project_id, run_id, attempt) DO UPDATE SET
      conclusion = coalesce(known.conclusion, excluded.conclusion),
      ended_at = coalesce(known.ended_at, excluded.ended_at)
    WHERE known.conclusion IS NULL
  $$`,

  // Whoever reports of a job at the same time takes turns: a failure and its repair must not miss each other.
  `CREATE FUNCTION note_job_attempt(owner_id uuid, job jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended(job->>'jobName', hashtextextended(owner_id::text, 0)));
    INSERT INTO job_attempts AS known (
      project_id, run_id, job_name, attempt, job_id, branch, conclusion, failed_step, ended_at, url)
    VALUES (
      owner_id, (job->>'runId')::bigint, job->>'jobName', (job->>'attempt')::integer, (job->>'jobId')::bigint,
      job->>'branch', job->>'conclusion', job->>'failedStep',
      coalesce(job->>'endedAt', job->>'failedAt')::timestamptz, job->>'url')
    ON CONFLICT (project_id, run_id, job_name, attempt) DO UPDATE SET
      job_id = coalesce(known.job_id, excluded.job_id),
      branch = coalesce(known.branch, excluded.branch),
      failed_step = coalesce(known.failed_step, excluded.failed_step),
      url = coalesce(known.url, excluded.url)
    WHERE (known.job_id IS NULL AND excluded.job_id IS NOT NULL)
      OR (known.branch IS NULL AND excluded.branch IS NOT NULL)
      OR (known.failed_step IS NULL AND excluded.failed_step IS NOT NULL)
      OR (known.url IS NULL AND excluded.url IS NOT NULL)
  $$`,

  // The place in its project's line of who is last in it; beyond 200 all are equally far behind.
  `CREATE FUNCTION turn_of(owner_id uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT greatest(1, count(*))::integer FROM (
      SELECT FROM incidents WHERE project_id = owner_id AND status IN ('received', 'diagnosing') LIMIT 200) AS line
  $$`,
  `CREATE FUNCTION delivery_turn_of(owner_id uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT greatest(1, count(*))::integer FROM (
      SELECT FROM deliveries WHERE project_id = owner_id AND status = 'pending' LIMIT 200) AS line
  $$`,

  // The earliest attempt that proves an incident repaired: mayProve and isOriginKnown of the domain.
  `CREATE FUNCTION find_proof(i incidents)
  RETURNS TABLE (run_id bigint, attempt integer, job_id bigint, passed_at timestamptz, url text)
  LANGUAGE sql STABLE AS $$
    SELECT proof.* FROM (
      (SELECT a.run_id, a.attempt, a.job_id, a.ended_at, a.url FROM job_attempts a
        WHERE i.job_name <> '' AND a.project_id = i.project_id AND a.run_id = i.run_id AND a.job_name = i.job_name
          AND a.attempt > i.latest_attempt AND a.conclusion = 'success'
        ORDER BY a.attempt LIMIT 1)
      UNION ALL
      (SELECT a.run_id, a.attempt, a.job_id, a.ended_at, a.url
        FROM job_attempts a
        JOIN runs r ON r.project_id = a.project_id AND r.run_id = a.run_id
        JOIN runs own ON own.project_id = i.project_id AND own.run_id = i.run_id
        WHERE i.job_name <> '' AND a.project_id = i.project_id AND a.branch = i.branch AND a.job_name = i.job_name
          AND a.conclusion = 'success' AND a.run_id > i.run_id AND a.ended_at > i.last_failed_at
          AND same_workflow(r.workflow_id, r.workflow_name, i.workflow_id, i.workflow_name)
          AND r.head_repository = own.head_repository
        ORDER BY a.run_id, a.attempt LIMIT 1)
      UNION ALL
      (SELECT a.run_id, a.attempt, NULL::bigint, a.ended_at, NULL::text
        FROM run_attempts a
        JOIN runs r ON r.project_id = a.project_id AND r.run_id = a.run_id
        JOIN runs own ON own.project_id = i.project_id AND own.run_id = i.run_id
        WHERE i.job_name = '' AND a.project_id = i.project_id AND a.conclusion = 'success' AND (
          (a.run_id = i.run_id AND a.attempt > i.latest_attempt)
          OR (a.run_id > i.run_id AND a.ended_at > i.last_failed_at AND r.branch = i.branch
            AND same_workflow(r.workflow_id, r.workflow_name, i.workflow_id, i.workflow_name)
            AND r.head_repository = own.head_repository))
        ORDER BY a.run_id, a.attempt LIMIT 1)
    ) AS proof (run_id, attempt, job_id, passed_at, url) ORDER BY run_id, attempt LIMIT 1
  $$`,

  // What must be asked of the CI system before an incident can be told repaired or not: a few runs.
  `CREATE FUNCTION wanted_of(i incidents) RETURNS TABLE (run_id bigint, attempt integer) LANGUAGE sql STABLE AS $$
    -- Passing jobs of runs whose repository, or the incident's own, is not known.
    (SELECT DISTINCT unknown.run_id, NULL::integer
      FROM job_attempts a
      JOIN runs r ON r.project_id = a.project_id AND r.run_id = a.run_id
      JOIN runs own ON own.project_id = i.project_id AND own.run_id = i.run_id
      CROSS JOIN LATERAL (VALUES (r.run_id, r.head_repository), (own.run_id, own.head_repository))
        AS unknown (run_id, head_repository)
      WHERE i.job_name <> '' AND a.project_id = i.project_id AND a.branch = i.branch AND a.job_name = i.job_name
        AND a.conclusion = 'success' AND a.run_id > i.run_id AND a.ended_at > i.last_failed_at
        AND same_workflow(r.workflow_id, r.workflow_name, i.workflow_id, i.workflow_name)
        AND unknown.head_repository IS NULL
      LIMIT 3)
    UNION ALL
    -- Passing runs of which the incident's job is not known.
    (SELECT a.run_id, a.attempt
      FROM run_attempts a
      JOIN runs r ON r.project_id = a.project_id AND r.run_id = a.run_id
      JOIN runs own ON own.project_id = i.project_id AND own.run_id = i.run_id
      WHERE i.job_name <> '' AND a.project_id = i.project_id AND a.conclusion = 'success' AND NOT a.jobs_listed
        AND (
          (a.run_id = i.run_id AND a.attempt > i.latest_attempt)
          OR (a.run_id > i.run_id AND a.ended_at > i.last_failed_at AND r.branch = i.branch
            AND same_workflow(r.workflow_id, r.workflow_name, i.workflow_id, i.workflow_name)
            AND coalesce(r.head_repository = own.head_repository, true)))
        AND NOT EXISTS (SELECT FROM job_attempts j
          WHERE j.project_id = a.project_id AND j.run_id = a.run_id AND j.attempt = a.attempt
            AND j.job_name = i.job_name)
      ORDER BY a.run_id, a.attempt LIMIT 3)
  $$`,

  // Resolves incidents that the facts prove repaired: [{incidentId, projectId}].
  `CREATE FUNCTION settle_incidents(ids uuid[], now timestamptz, settleable text[]) RETURNS jsonb
  LANGUAGE plpgsql AS $$
  DECLARE
    i incidents%ROWTYPE;
    proof record;
    said jsonb;
    resolved jsonb := '[]';
  BEGIN
    FOR i IN SELECT * FROM incidents WHERE id = ANY (ids) ORDER BY id FOR UPDATE LOOP
      CONTINUE WHEN i.source <> 'github' OR NOT (i.status = ANY (settleable) OR i.status = 'resolved');
      SELECT * INTO proof FROM find_proof(i);
      CONTINUE WHEN NOT FOUND;
      said := jsonb_build_object('runId', proof.run_id, 'attempt', proof.attempt, 'jobId', proof.job_id,
        'passedAt', proof.passed_at, 'url', proof.url);
      CONTINUE WHEN i.verified_by->>'runId' = proof.run_id::text AND i.verified_by->>'attempt' = proof.attempt::text;
      UPDATE incidents SET status = 'resolved', status_reason = NULL, verified_by = said,
        verified_at = proof.passed_at, updated_at = now WHERE id = i.id;
      IF i.status <> 'resolved' THEN
        INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
          VALUES (i.id, now, 'moved', i.status, 'resolved', said || '{"verified": true}');
      ELSIF i.verified_by IS NULL THEN
        INSERT INTO incident_events (incident_id, at, kind, facts) VALUES (i.id, now, 'verified', said);
      END IF;
      IF i.verified_by IS NULL THEN
        resolved := resolved || jsonb_build_object('incidentId', i.id, 'projectId', i.project_id);
      END IF;
    END LOOP;
    RETURN resolved;
  END $$`,

  // The incidents that a passing job, or without a job's name any job of a run, may prove repaired.
  `CREATE FUNCTION provable_by(owner_id uuid, number bigint, attempt_number integer, job text) RETURNS uuid[]
  LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(found.id), '{}') FROM (
      SELECT i.id FROM incidents i
        WHERE i.project_id = owner_id AND i.run_id = number AND (job IS NULL OR i.job_name = job)
          AND i.latest_attempt < attempt_number
      UNION
      SELECT i.id FROM runs r
        JOIN LATERAL (
          SELECT min(at) AS first, max(at) AS last FROM (
            SELECT ended_at FROM job_attempts WHERE project_id = owner_id AND run_id = number
              AND (job IS NULL OR (job_name = job AND attempt = attempt_number))
            UNION ALL
            SELECT ended_at FROM run_attempts WHERE project_id = owner_id AND run_id = number AND job IS NULL
          ) AS ends (at)) AS ended ON true
        JOIN incidents i ON i.project_id = owner_id AND i.branch = r.branch AND (job IS NULL OR i.job_name = job)
          AND (i.verified_at IS NULL OR i.verified_at > ended.first)
        WHERE r.project_id = owner_id AND r.run_id = number AND i.run_id < number AND i.last_failed_at < ended.last
          AND i.status <> 'ignored' AND i.source = 'github'
          AND same_workflow(r.workflow_id, r.workflow_name, i.workflow_id, i.workflow_name)
    ) AS found
  $$`,

  // One failed attempt of a job: {incidentId, sequence, outcome, turn}. Its facts are noted with it.
  `CREATE FUNCTION open_incident(job jsonb, now timestamptz, reopenable text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    owner_id uuid := ensure_project(job->'repository', now);
    attempt_number integer := (job->>'attempt')::integer;
    failed timestamptz := (job->>'failedAt')::timestamptz;
    attempt_facts jsonb := jsonb_build_object('attempt', job->'attempt', 'conclusion', job->'conclusion');
    incident incidents%ROWTYPE;
    is_new_attempt boolean;
    is_later boolean;
    reopens boolean := false;
    outcome text := 'known';
  BEGIN
    PERFORM note_run(owner_id, job, now);
    PERFORM note_job_attempt(owner_id, job);
    INSERT INTO incidents (
      project_id, source, run_id, job_name, workflow_id, workflow_name, head_sha, branch, pull_requests, url, status,
      latest_attempt, latest_job_id, failed_step, occurrences, opened_at, last_failed_at, updated_at, sequence,
      outbox_at, own_work)
    SELECT
      owner_id, job->>'source', r.run_id, job->>'jobName', r.workflow_id, r.workflow_name, r.head_sha, r.branch,
      ARRAY(SELECT number FROM (
        SELECT h.number FROM pull_heads h WHERE h.project_id = owner_id AND h.head_sha = r.head_sha
        UNION SELECT jsonb_array_elements_text(job->'pullRequests')::integer) AS pulls (number) ORDER BY number),
      job->>'url', 'received', attempt_number, (job->>'jobId')::bigint, job->>'failedStep', 1, now, failed, now, 1,
      now, r.own_work
    FROM runs r WHERE r.project_id = owner_id AND r.run_id = (job->>'runId')::bigint
    ON CONFLICT (project_id, run_id, job_name) DO NOTHING
    RETURNING * INTO incident;
    IF FOUND THEN
      INSERT INTO occurrences (incident_id, attempt, job_id, failed_at)
        VALUES (incident.id, attempt_number, (job->>'jobId')::bigint, failed);
      INSERT INTO incident_events (incident_id, at, kind, to_status, facts)
        VALUES (incident.id, now, 'opened', 'received', attempt_facts);
      IF incident.pull_requests <> '{}' THEN PERFORM note_merges(ARRAY[incident.id], now); END IF;
      IF incident.job_name <> '' THEN
        -- The run's own incident stood for jobs that were not known.
        WITH covered AS (
          UPDATE incidents SET status = 'ignored', status_reason = 'The run’s failed jobs have incidents of their own.',
            claim_token = NULL, claim_until = NULL, updated_at = now
          FROM (SELECT id, status FROM incidents WHERE project_id = owner_id AND run_id = incident.run_id
            AND job_name = '' AND status = ANY (reopenable || 'received'::text) AND status NOT IN ('resolved', 'ignored')
            FOR UPDATE) AS before
          WHERE incidents.id = before.id RETURNING incidents.id, before.status)
        INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
          SELECT id, now, 'moved', status, 'ignored', '{"reason": "The run’s failed jobs have incidents of their own."}'
          FROM covered;
      END IF;
      RETURN jsonb_build_object(
        'incidentId', incident.id, 'sequence', 1, 'outcome', 'opened', 'turn', turn_of(owner_id));
    END IF;

    SELECT * INTO STRICT incident FROM incidents
      WHERE project_id = owner_id AND run_id = (job->>'runId')::bigint AND job_name = job->>'jobName'
      FOR UPDATE;
    INSERT INTO occurrences (incident_id, attempt, job_id, failed_at)
      VALUES (incident.id, attempt_number, (job->>'jobId')::bigint, failed)
      ON CONFLICT (incident_id, attempt) DO UPDATE SET job_id = coalesce(occurrences.job_id, excluded.job_id)
      RETURNING xmax = 0 INTO is_new_attempt;

    IF is_new_attempt THEN
      is_later := attempt_number > incident.latest_attempt;
      reopens := is_later AND incident.status = ANY (reopenable);
      INSERT INTO incident_events (incident_id, at, kind, facts)
        VALUES (incident.id, now, 'occurred_again', attempt_facts);
      UPDATE incidents SET
        occurrences = occurrences + 1,
        last_failed_at = greatest(last_failed_at, failed),
        updated_at = now,
        latest_attempt = greatest(latest_attempt, attempt_number),
        status = CASE WHEN reopens THEN 'received' ELSE status END,
        status_reason = CASE WHEN reopens THEN NULL ELSE status_reason END,
        claim_token = CASE WHEN reopens THEN NULL ELSE claim_token END,
        claim_until = CASE WHEN reopens THEN NULL ELSE claim_until END,
        verified_by = CASE WHEN reopens THEN NULL ELSE verified_by END,
        verified_at = CASE WHEN reopens THEN NULL ELSE verified_at END,
        sequence = CASE WHEN reopens THEN sequence + 1 ELSE sequence END,
        outbox_at = CASE WHEN reopens THEN now ELSE outbox_at END
      WHERE id = incident.id;
    END IF;
    -- The latest attempt says which job and step failed; the address is the latest that is known.
    UPDATE incidents i SET latest_job_id = latest.job_id, failed_step = latest.failed_step, url = latest.url
    FROM (
      SELECT a.job_id, a.failed_step, coalesce(a.url, (
        SELECT e.url FROM job_attempts e WHERE e.project_id = owner_id AND e.run_id = incident.run_id
          AND e.job_name = incident.job_name AND e.url IS NOT NULL AND e.attempt < a.attempt
        ORDER BY e.attempt DESC LIMIT 1)) AS url
      FROM job_attempts a JOIN incidents now_known ON now_known.id = incident.id
        AND a.project_id = owner_id AND a.run_id = incident.run_id AND a.job_name = incident.job_name
        AND a.attempt = now_known.latest_attempt) AS latest
    WHERE i.id = incident.id AND (i.latest_job_id, i.failed_step, i.url)
      IS DISTINCT FROM (latest.job_id, latest.failed_step, latest.url);
    IF reopens THEN
      outcome := 'reopened';
      DELETE FROM diagnosis_steps WHERE incident_id = incident.id;
      INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
        VALUES (incident.id, now, 'moved', incident.status, 'received', attempt_facts);
    END IF;
    RETURN jsonb_build_object('incidentId', incident.id,
      'sequence', CASE WHEN reopens THEN incident.sequence + 1 ELSE incident.sequence END,
      'outcome', outcome, 'turn', turn_of(owner_id));
  END $$`,

  // Facts of runs and jobs; resolves what they prove repaired: [{incidentId, projectId}].
  `CREATE FUNCTION learn_facts(facts jsonb, now timestamptz, settleable text[]) RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    owner_id uuid;
    told jsonb;
    touched uuid[] := '{}';
  BEGIN
    FOR told IN SELECT jsonb_array_elements(facts->'runs') LOOP
      owner_id := ensure_project(told->'repository', now);
      PERFORM note_run(owner_id, told, now);
      PERFORM note_run_attempt(owner_id, told);
      touched := touched || provable_by(owner_id, (told->>'runId')::bigint, (told->>'attempt')::integer, NULL)
        || ARRAY(SELECT id FROM incidents WHERE project_id = owner_id AND run_id = (told->>'runId')::bigint);
    END LOOP;
    FOR told IN SELECT jsonb_array_elements(facts->'jobs') LOOP
      owner_id := ensure_project(told->'repository', now);
      PERFORM note_run(owner_id, told, now);
      PERFORM note_job_attempt(owner_id, told);
      IF told->>'conclusion' = 'success' THEN
        touched := touched || provable_by(
          owner_id, (told->>'runId')::bigint, (told->>'attempt')::integer, told->>'jobName');
      END IF;
    END LOOP;
    FOR told IN SELECT jsonb_array_elements(facts->'listed') LOOP
      UPDATE run_attempts SET jobs_listed = true
        WHERE project_id = find_project(told->'repository') AND run_id = (told->>'runId')::bigint
          AND attempt = (told->>'attempt')::integer;
    END LOOP;
    RETURN settle_incidents(touched, now, settleable);
  END $$`,

  // What the facts about pull requests say of the commits they are the heads of.
  `CREATE FUNCTION note_heads(owner_id uuid, sha text, numbers jsonb, now timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    number bigint;
  BEGIN
    INSERT INTO pull_heads (project_id, head_sha, number)
      SELECT owner_id, sha, pull::integer FROM jsonb_array_elements_text(numbers) AS pull
      ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN; END IF;
    FOR number IN SELECT run_id FROM runs WHERE project_id = owner_id AND head_sha = sha LOOP
      PERFORM derive_run(owner_id, number, now);
    END LOOP;
  END $$`,

  `CREATE FUNCTION note_pull(owner_id uuid, pull jsonb, now timestamptz) RETURNS uuid[] LANGUAGE plpgsql AS $$
  DECLARE
    linked uuid[];
  BEGIN
    INSERT INTO pull_requests AS known (
      project_id, number, branch, state, merged_at, merge_sha, url, changed_at)
    VALUES (
      owner_id, (pull->>'number')::integer, pull->>'branch', pull->>'state', (pull->>'mergedAt')::timestamptz,
      pull->>'mergeSha', pull->>'url', (pull->>'changedAt')::timestamptz)
    ON CONFLICT (project_id, number) DO UPDATE SET branch = excluded.branch, state = excluded.state,
      merged_at = excluded.merged_at, merge_sha = excluded.merge_sha, url = excluded.url,
      changed_at = excluded.changed_at
    WHERE excluded.changed_at > known.changed_at;
    PERFORM note_heads(owner_id, pull->>'headSha', jsonb_build_array(pull->'number'), now);
    linked := ARRAY(SELECT i.id FROM pull_heads h
      JOIN runs r ON r.project_id = h.project_id AND r.head_sha = h.head_sha
      JOIN incidents i ON i.project_id = r.project_id AND i.run_id = r.run_id
      WHERE h.project_id = owner_id AND h.number = (pull->>'number')::integer ORDER BY i.id);
    IF pull->>'mergedAt' IS NOT NULL THEN PERFORM note_merges(linked, now); END IF;
    RETURN linked;
  END $$`,

  `CREATE FUNCTION note_installation(told jsonb, now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE projects SET installation_id = (told->>'installationId')::bigint, disconnected_at = NULL
      WHERE id IN (SELECT ensure_project(repository, now) FROM jsonb_array_elements(told->'connected') AS repository);
    UPDATE projects SET disconnected_at = coalesce(disconnected_at, now)
      WHERE id IN (SELECT find_project(repository) FROM jsonb_array_elements(told->'disconnected') AS repository);
    IF told->>'wholeIsConnected' IS NOT NULL THEN
      UPDATE projects
        SET disconnected_at = CASE WHEN (told->>'wholeIsConnected')::boolean THEN NULL ELSE coalesce(disconnected_at, now) END
        WHERE installation_id = (told->>'installationId')::bigint;
    END IF;
  END $$`,

  // A delivery with all it means: {duplicate, refused, pending, incidents, resolved, projectId}.
  `CREATE FUNCTION record_delivery(
    delivery jsonb, now timestamptz, reopenable text[], settleable text[], is_shared boolean, is_replay boolean)
  RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    meaning jsonb := delivery->'meaning';
    told text := meaning->>'kind';
    owner_id uuid;
    opened jsonb := '[]';
    resolved jsonb := '[]';
    touched uuid[] := '{}';
    stands text;
  BEGIN
    owner_id := CASE
      WHEN jsonb_typeof(delivery->'repository') IS DISTINCT FROM 'object' THEN NULL
      WHEN told IN ('failed_job', 'failed_run', 'job', 'run', 'pull_request', 'heads')
        THEN ensure_project(delivery->'repository', now)
      ELSE find_project(delivery->'repository') END;
    IF is_shared AND owner_id IS NOT NULL AND EXISTS (
      SELECT FROM webhook_secrets WHERE project_id = owner_id AND (expires_at IS NULL OR expires_at > now))
    THEN
      RETURN jsonb_build_object('duplicate', false, 'refused', true, 'pending', NULL, 'incidents', '[]'::jsonb,
        'resolved', '[]'::jsonb, 'projectId', owner_id);
    END IF;
    stands := CASE WHEN told = 'failed_run' THEN 'pending' WHEN told = 'ignored' THEN 'ignored' ELSE 'processed' END;
    INSERT INTO deliveries (
      id, event, action, repository, received_at, meaning, status, note, outbox_at, project_id, payload)
    VALUES (
      delivery->>'id', delivery->>'event', delivery->>'action', nullif(delivery->'repository', 'null'),
      (delivery->>'receivedAt')::timestamptz, meaning, stands,
      CASE told WHEN 'ignored' THEN meaning->>'reason' END, (delivery->>'receivedAt')::timestamptz, owner_id,
      nullif(delivery->'payload', 'null'))
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
      IF NOT is_replay THEN
        RETURN jsonb_build_object('duplicate', true, 'refused', false, 'pending', NULL, 'resolved', '[]'::jsonb,
          'projectId', owner_id, 'incidents', (
          SELECT coalesce(jsonb_agg(
              jsonb_build_object('incidentId', i.id, 'sequence', i.sequence, 'outcome', 'known')
              ORDER BY known.place), '[]')
          FROM deliveries d, unnest(d.incident_ids) WITH ORDINALITY AS known (id, place)
          JOIN incidents i ON i.id = known.id
          WHERE d.id = delivery->>'id'));
      END IF;
      UPDATE deliveries SET meaning = delivery->'meaning', status = stands, outbox_at = now, project_id = owner_id,
        note = CASE told WHEN 'ignored' THEN delivery->'meaning'->>'reason' END
        WHERE id = delivery->>'id';
    END IF;

    IF told = 'failed_job' THEN
      opened := jsonb_build_array(open_incident(meaning->'job', now, reopenable));
      touched := ARRAY[(opened->0->>'incidentId')::uuid];
      resolved := settle_incidents(touched, now, settleable);
    ELSIF told = 'failed_run' THEN
      PERFORM note_run(owner_id, meaning->'run', now);
      PERFORM note_run_attempt(owner_id, meaning->'run');
    ELSIF told = 'job' THEN
      resolved := learn_facts(
        jsonb_build_object('jobs', jsonb_build_array(meaning->'job')), now, settleable);
      IF meaning->'job'->>'conclusion' = 'success' THEN
        touched := provable_by(owner_id, (meaning->'job'->>'runId')::bigint, (meaning->'job'->>'attempt')::integer,
          meaning->'job'->>'jobName');
      END IF;
    ELSIF told = 'run' THEN
      resolved := learn_facts(
        jsonb_build_object('runs', jsonb_build_array(meaning->'run')), now, settleable);
      IF meaning->'run'->>'conclusion' = 'success' THEN
        touched := provable_by(
          owner_id, (meaning->'run'->>'runId')::bigint, (meaning->'run'->>'attempt')::integer, NULL);
      END IF;
    ELSIF told = 'pull_request' THEN
      touched := note_pull(owner_id, meaning->'pull', now);
    ELSIF told = 'heads' THEN
      PERFORM note_heads(owner_id, meaning->'head'->>'headSha', meaning->'head'->'pullRequests', now);
    ELSIF told = 'installation' THEN
      PERFORM note_installation(meaning->'installation', now);
    END IF;

    touched := ARRAY(
      SELECT DISTINCT id FROM (
        SELECT unnest(touched) UNION SELECT (r->>'incidentId')::uuid FROM jsonb_array_elements(resolved) AS r
      ) AS all_touched (id) ORDER BY id);
    IF stands = 'processed' AND told IN ('failed_job', 'job', 'run') AND EXISTS (
      SELECT FROM incidents i, wanted_of(i) WHERE i.id = ANY (touched) AND i.verified_by IS NULL
        AND i.status <> 'ignored')
    THEN stands := 'pending'; END IF;
    IF stands = 'pending' OR touched <> '{}' THEN
      UPDATE deliveries SET incident_ids = touched, status = stands WHERE id = delivery->>'id';
    END IF;
    RETURN jsonb_build_object('duplicate', false, 'refused', false, 'incidents', opened, 'resolved', resolved,
      'projectId', owner_id,
      'pending', CASE WHEN stands = 'pending' THEN jsonb_build_object('turn', delivery_turn_of(owner_id)) END);
  END $$`,

  // The incidents of a pending delivery's failed jobs: {opened, resolved}. While something is wanted it stays pending.
  `CREATE FUNCTION expand_delivery(
    delivery_id text, jobs jsonb, new_status text, new_note text, now timestamptz, reopenable text[], settleable text[])
  RETURNS jsonb LANGUAGE plpgsql AS $$
  DECLARE
    job jsonb;
    opened jsonb := '[]';
    ids uuid[];
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
    ids := ARRAY(SELECT (jsonb_array_elements(opened)->>'incidentId')::uuid);
    PERFORM settle_incidents(ids, now, settleable);
    UPDATE deliveries SET note = new_note, incident_ids = ids,
      status = CASE WHEN EXISTS (
        SELECT FROM incidents i, wanted_of(i) WHERE i.id = ANY (ids) AND i.verified_by IS NULL)
        THEN 'pending' ELSE new_status END
      WHERE id = delivery_id;
    RETURN opened;
  END $$`,
];

export const DOWN_FUNCTIONS = [
  `DROP FUNCTION expand_delivery(text, jsonb, text, text, timestamptz, text[], text[])`,
  `DROP FUNCTION record_delivery(jsonb, timestamptz, text[], text[], boolean, boolean)`,
  `DROP FUNCTION note_installation(jsonb, timestamptz)`,
  `DROP FUNCTION note_pull(uuid, jsonb, timestamptz)`,
  `DROP FUNCTION note_heads(uuid, text, jsonb, timestamptz)`,
  `DROP FUNCTION learn_facts(jsonb, timestamptz, text[])`,
  `DROP FUNCTION open_incident(jsonb, timestamptz, text[])`,
  `DROP FUNCTION provable_by(uuid, bigint, integer, text)`,
  `DROP FUNCTION settle_incidents(uuid[], timestamptz, text[])`,
  `DROP FUNCTION wanted_of(incidents)`,
  `DROP FUNCTION find_proof(incidents)`,
  `DROP FUNCTION delivery_turn_of(uuid)`,
  `DROP FUNCTION turn_of(uuid)`,
  `DROP FUNCTION note_job_attempt(uuid, jsonb)`,
  `DROP FUNCTION note_run_attempt(uuid, jsonb)`,
  `DROP FUNCTION note_merges(uuid[], timestamptz)`,
  `DROP FUNCTION derive_run(uuid, bigint, timestamptz)`,
  `DROP FUNCTION note_run(uuid, jsonb, timestamptz)`,
  `DROP FUNCTION same_workflow(bigint, text, bigint, text)`,
  `DROP FUNCTION find_project(jsonb)`,
];
