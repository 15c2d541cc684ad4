import type { DataSource } from 'typeorm';

/**
 * Adds what analytics count beside incidents: to each its pattern with a diagnosis, its occurrences (every eighth failed
 * twice), the proof of those that are resolved, and to each failed run another one that passed.
 */
export async function makeFigures(dataSource: DataSource): Promise<void> {
  for (const statement of STATEMENTS) await dataSource.query(statement);
  // Each incident was written twice at once, which years of single changes don't leave behind.
  await dataSource.query('VACUUM (FULL) incidents');
  for (const table of FILLED) await dataSource.query(`VACUUM (ANALYZE) ${table}`);
}

const FILLED = [
  'incidents',
  'patterns',
  'diagnoses',
  'incident_diagnoses',
  'occurrences',
  'repairs',
  'run_attempts',
];

const STATEMENTS = [
  `INSERT INTO patterns (project_id, fingerprint, signature, category, occurrences, first_seen_at, last_seen_at)
   SELECT project_id, fingerprint, min(root_cause), min(category), count(*), min(opened_at), max(opened_at)
   FROM incidents GROUP BY project_id, fingerprint`,
  `INSERT INTO diagnoses (id, project_id, pattern_id, incident_id, analyst, source, state, classification, root_cause,
     solution, cost_usd, model_calls, created_at)
   SELECT DISTINCT ON (p.id) gen_random_uuid(), p.project_id, p.id, i.id, 'bench', 'model', 'complete', '{}',
     jsonb_build_object('primaryCause', i.root_cause), '{}', 0, 4, i.opened_at
   FROM patterns p JOIN incidents i ON i.project_id = p.project_id AND i.fingerprint = p.fingerprint
   ORDER BY p.id, i.opened_at`,
  `UPDATE patterns p SET diagnosis_id = d.id FROM diagnoses d WHERE d.pattern_id = p.id`,
  `UPDATE incidents i SET pattern_id = p.id, diagnosis_id = p.diagnosis_id,
     occurrences = CASE WHEN run_id % 8 = 0 THEN 2 ELSE 1 END,
     verified_by = CASE WHEN status = 'resolved' THEN
       jsonb_build_object('runId', run_id, 'attempt', 2, 'passedAt', opened_at + run_id % 600 * interval '1 minute') END,
     verified_at = CASE WHEN status = 'resolved' THEN opened_at + run_id % 600 * interval '1 minute' END
   FROM patterns p WHERE p.project_id = i.project_id AND p.fingerprint = i.fingerprint`,
  `INSERT INTO incident_diagnoses (incident_id, diagnosis_id, reused, citations, created_at)
   SELECT id, diagnosis_id, run_id % 3 > 0, '[]', opened_at + run_id % 300 * interval '1 second' FROM incidents`,
  `INSERT INTO occurrences (incident_id, attempt, failed_at, fingerprint, pattern_id)
   SELECT id, attempt, opened_at + (attempt - 1) * interval '5 minutes', fingerprint, pattern_id
   FROM incidents, generate_series(1, occurrences) AS attempt`,
  `INSERT INTO repairs (incident_id, run_id, attempt, pattern_id, passed_at, same_commit, state, tries, due_at)
   SELECT id, run_id, 2, pattern_id, verified_at, run_id % 5 = 0, 'learned', 1, verified_at
   FROM incidents WHERE verified_at IS NOT NULL`,
  `INSERT INTO run_attempts (project_id, run_id, attempt, conclusion, ended_at, jobs_listed)
   SELECT project_id, run_id * 2 + is_green, 1, CASE is_green WHEN 1 THEN 'success' ELSE 'failure' END, opened_at, true
   FROM incidents, generate_series(0, 1) AS is_green ON CONFLICT DO NOTHING`,
];
