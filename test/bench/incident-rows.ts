import type { DataSource } from 'typeorm';

const PROJECTS = 20;
/** Rows of one statement: longer ones would keep the embedded database from everybody else for minutes. */
const BATCH = 50_000;
/** Indexes of so many rows are quicker made than kept. */
const QUICKER_INDEXED_AFTER = 200_000;

/**
 * Makes incidents inside the database, as a team's years leave them: twenty projects, of which some fail more often,
 * a third on main, a few hundred jobs, some thousand distinct failures, minutes apart. Gives the ids of the projects.
 */
export async function makeIncidents(dataSource: DataSource, count: number): Promise<string[]> {
  const projects: { id: string }[] = await dataSource.query(
    `INSERT INTO projects (host, owner, name, created_at)
     SELECT 'github.com', 'acme', 'service-' || n, now() FROM generate_series(1, $1::int) n RETURNING id`,
    [PROJECTS],
  );
  const ids = projects.map(({ id }) => id);
  const indexes = count > QUICKER_INDEXED_AFTER ? await dropIndexes(dataSource) : [];
  for (let from = 1; from <= count; from += BATCH)
    await dataSource.query(INCIDENTS, [ids, from, Math.min(count, from + BATCH - 1)]);
  for (const definition of indexes) await dataSource.query(definition);
  for (const table of ['incidents', 'incident_counts', 'branch_counts', 'facet_counts'])
    await dataSource.query(`VACUUM (ANALYZE) ${table}`);
  return ids;
}

/** Those of incidents that hold nothing together; gives what makes them again. */
async function dropIndexes(dataSource: DataSource): Promise<string[]> {
  const indexes: { name: string; definition: string }[] = await dataSource.query(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
     FROM pg_index i WHERE i.indrelid = 'incidents'::regclass AND NOT i.indisunique`,
  );
  for (const { name } of indexes) await dataSource.query(`DROP INDEX ${name}`);
  return indexes.map(({ definition }) => definition);
}

/** A number from 0 up to `below` that looks random and is the same in every run. */
const any = (salt: number, below: string): string =>
  `(1 + abs(hashint8extended(n, ${salt}) % ${below}::bigint))::int`;

const INCIDENTS = `
  INSERT INTO incidents (project_id, source, run_id, job_name, workflow_name, head_sha, pull_requests, status,
    latest_attempt, occurrences, category, severity, determinism, confidence, fingerprint, root_cause, branch, opened_at,
    last_failed_at, updated_at, sequence, outbox_at)
  SELECT ($1::uuid[])[least(${any(1, '20')}, ${any(2, '20')})], 'github', n,
    (ARRAY['build', 'test', 'lint', 'deploy', 'e2e'])[${any(3, '5')}] || ' (' || ${any(4, '60')} || ')', 'CI',
    md5(n::text), '{}',
    (ARRAY['resolved', 'resolved', 'resolved', 'resolved', 'diagnosed', 'diagnosed', 'ignored', 'escalated',
      'diagnosis_failed'])[${any(5, '9')}], 1, 1,
    (ARRAY['test_failure', 'test_failure', 'test_failure', 'compile_error', 'compile_error', 'dependency', 'network',
      'quality', 'build_config', 'runner_infra'])[${any(6, '10')}],
    (ARRAY['low', 'medium', 'medium', 'high', 'critical'])[${any(7, '5')}],
    (ARRAY['deterministic', 'deterministic', 'transient', 'flaky', 'unknown'])[${any(8, '5')}], 0.8,
    md5(${any(9, '4000')}::text),
    'Type Widget' || ${any(10, '900')} || ' is not assignable to Gadget' || ${any(11, '900')} || ' in src/module'
      || ${any(12, '200')} || '/part.ts',
    CASE WHEN n % 3 = 0 THEN 'main' ELSE 'feature/ticket-' || ${any(13, '900')} END,
    at, at, at, 1, at
  FROM generate_series($2::bigint, $3::bigint) n, LATERAL (SELECT now() - n * interval '9 minutes' AS at) AS moment`;
