import type { AnalyticsGrouping } from '@app/domain';

/** `$1` the projects or null, `$2` from, `$3` to, in all that is here. */
const WITHIN = (alias: string): string => `($1::uuid[] IS NULL OR ${alias}.project_id = ANY ($1))`;

// Of double precision throughout: numeric, which `extract` gives, takes several times as long.
const milliseconds = (from: string, to: string): string =>
  `CASE WHEN ${to} IS NOT NULL THEN greatest(0, round(date_part('epoch', ${to} - ${from}) * 1000)) END`;

/** None was diagnosed before it was opened, save for what clocks differ by: what is older isn't read. */
const RECENT = `created_at >= $2::timestamptz - interval '1 day'`;

/**
 * The incidents of a period with what their times are counted from. Most failed once: only of the others the first failure
 * must be looked up. `OFFSET 0` has each value made once, however often it is used, and those not at all that aren't.
 */
export const CHOSEN = `chosen AS (
  SELECT times.*, ${milliseconds('opened_at', 'diagnosed_at')} AS diagnosed_ms,
    ${milliseconds('first_failed_at', 'passed_at')} AS repaired_ms
  FROM (
    SELECT i.project_id, i.status, i.category, i.branch, i.job_name, i.pattern_id, i.occurrences, i.opened_at,
      i.last_failed_at, i.diagnosis_id, first.diagnosed_at, coalesce(shown.reused, false) AS reused,
      CASE WHEN i.status = 'resolved' THEN (i.verified_by->>'passedAt')::timestamptz END AS passed_at,
      CASE WHEN i.occurrences = 1 THEN i.last_failed_at
        ELSE (SELECT min(o.failed_at) FROM occurrences o WHERE o.incident_id = i.id) END AS first_failed_at
    FROM incidents i
      LEFT JOIN (
        SELECT incident_id, min(created_at) AS diagnosed_at FROM incident_diagnoses WHERE ${RECENT} GROUP BY 1
      ) AS first ON first.incident_id = i.id
      LEFT JOIN incident_diagnoses shown
        ON shown.incident_id = i.id AND shown.diagnosis_id = i.diagnosis_id AND shown.${RECENT}
    WHERE ${WITHIN('i')} AND i.opened_at >= $2 AND i.opened_at < $3
    OFFSET 0
  ) AS times
  OFFSET 0
)`;

const percentiles = (column: string, name: string): string =>
  `count(${column})::int AS ${name}, percentile_disc(0.5) WITHIN GROUP (ORDER BY ${column}) AS "${name}Median",
   percentile_disc(0.9) WITHIN GROUP (ORDER BY ${column}) AS "${name}P90"`;

export const DURATIONS = `${percentiles('diagnosed_ms', 'diagnosed')}, ${percentiles('repaired_ms', 'repaired')}`;

/** What a group's incidents have in common: in which project, and the value. */
export const GROUP_KEYS: Readonly<
  Record<AnalyticsGrouping, { readonly project: string; readonly value: string; readonly where: string }>
> = {
  project: { project: 'project_id', value: 'project_id::text', where: '' },
  category: { project: 'NULL::uuid', value: 'category', where: '' },
  branch: { project: 'project_id', value: 'branch', where: '' },
  job: { project: 'project_id', value: 'job_name', where: '' },
  pattern: { project: 'project_id', value: 'pattern_id::text', where: 'WHERE pattern_id IS NOT NULL' },
};

/** Ends of runs: those that are known one by one, and of those that were forgotten how many a day there were. */
export const RUNS = `ended AS (
  SELECT a.ended_at AS at, 1 AS runs, (a.conclusion <> 'success')::int AS failed FROM run_attempts a
  WHERE ${WITHIN('a')} AND a.ended_at >= $2 AND a.ended_at < $3
    AND a.conclusion IN ('success', 'failure', 'timed_out', 'startup_failure')
  UNION ALL
  SELECT d.day, d.runs, d.failed FROM run_days d WHERE ${WITHIN('d')} AND d.day >= $2 AND d.day < $3
)`;
