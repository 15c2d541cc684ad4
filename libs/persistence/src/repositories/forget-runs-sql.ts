/**
 * `$1` now, `$2` days, `$3` at most so many. The facts of runs first told before, unless an incident is of them. How many
 * ended on a day is added to `run_days`: otherwise only the failed ones would be left to be counted.
 */
export const FORGET_RUNS = `WITH runs_gone AS (
  DELETE FROM runs WHERE (project_id, run_id) IN (
    SELECT r.project_id, r.run_id FROM runs r
    WHERE r.told_at < $1::timestamptz - make_interval(days => $2) AND NOT EXISTS (
      SELECT FROM incidents i WHERE i.project_id = r.project_id AND i.run_id = r.run_id)
    ORDER BY r.told_at LIMIT $3)
  RETURNING project_id, run_id
), attempts_gone AS (
  DELETE FROM run_attempts a USING runs_gone g WHERE a.project_id = g.project_id AND a.run_id = g.run_id
  RETURNING a.project_id, a.conclusion, a.ended_at
), jobs_gone AS (
  DELETE FROM job_attempts a USING runs_gone g WHERE a.project_id = g.project_id AND a.run_id = g.run_id
), counted AS (
  INSERT INTO run_days AS known (project_id, day, runs, failed)
  SELECT project_id, date_trunc('day', ended_at, 'UTC'), count(*), count(*) FILTER (WHERE conclusion <> 'success')
  FROM attempts_gone WHERE conclusion IN ('success', 'failure', 'timed_out', 'startup_failure') AND ended_at IS NOT NULL
  GROUP BY 1, 2
  ON CONFLICT (project_id, day) DO UPDATE
    SET runs = known.runs + excluded.runs, failed = known.failed + excluded.failed
)
SELECT 1 FROM runs_gone`;
