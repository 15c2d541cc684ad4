import type { JobSeed, RunSeed } from '@app/github';
import type { Persistence } from '../chaos-product.js';

/** What must be in the database for one failed job of a run. */
export interface ExpectedIncident {
  readonly attempts: number[];
  /** `runId/attempt` of the first attempt that proves it repaired; null: none does. */
  provenBy: string | null;
  /** What it may be as long as nothing proves it repaired. */
  readonly open: readonly string[];
  /** Whether the product itself made the commit: nothing may be done about it. */
  readonly ownWork: boolean;
  /** Whether its run is of a fork: nothing may be done about it either. */
  readonly fromFork: boolean;
  /** Pull requests of its commit that were merged. */
  readonly merges: number[];
}

/** An incident as it is stored. */
export interface IncidentRow {
  readonly id: string;
  readonly key: string;
  readonly status: string;
  readonly occurrences: number;
  readonly attempts: number[];
  readonly provenBy: string | null;
  readonly ownWork: boolean;
  readonly merges: number[];
}

/** All that has happened at GitHub, as incidents: by `repository/runId/jobName`. */
export class Expected {
  readonly incidents = new Map<string, ExpectedIncident>();
  /** `runId/attempt` of which an event was lost: what it proves may have been proven by a later one before it was found. */
  readonly lost = new Set<string>();
  /** Those that a later run on their branch would prove repaired, by repository, branch and job. */
  private readonly unproven = new Map<string, ExpectedIncident[]>();

  /**
   * A job has ended. Runs come in order here, each attempt later than all before: whatever passes proves all that failed
   * before it.
   */
  ended(run: RunSeed, job: JobSeed, about: Partial<ExpectedIncident> = {}): void {
    const own = incidentKey(run, job);
    const line = `${run.repository}/${run.branch ?? 'main'}/${job.name}`;
    const attempt = run.attempt ?? 1;
    if (job.conclusion === 'success') {
      for (const incident of this.unproven.get(line) ?? []) incident.provenBy = `${run.id}/${attempt}`;
      this.unproven.delete(line);
      return;
    }
    if (job.conclusion !== 'failure') return;
    const known = this.incidents.get(own);
    if (known) {
      known.attempts.push(attempt);
      return;
    }
    const opened: ExpectedIncident = {
      attempts: [attempt],
      provenBy: null,
      open: ['diagnosed'],
      ownWork: false,
      fromFork: false,
      merges: [],
      ...about,
    };
    this.incidents.set(own, opened);
    this.unproven.set(line, [...(this.unproven.get(line) ?? []), opened]);
  }

  /** What of the stored incidents is not as it happened. */
  problems(rows: readonly IncidentRow[]): string[] {
    const problems: string[] = [];
    const seen = new Map<string, IncidentRow>();
    for (const row of rows) {
      if (seen.has(row.key)) problems.push(`${row.key} is there twice`);
      seen.set(row.key, row);
      if (!this.incidents.has(row.key)) problems.push(`${row.key} did not fail`);
    }
    for (const [key, expected] of this.incidents) {
      const row = seen.get(key);
      const found = row ? differences(row, expected, this.lost) : ['is missing'];
      problems.push(...found.map((what) => `${key} ${what}`));
    }
    return problems;
  }
}

export function incidentKey({ repository, id }: RunSeed, { name }: JobSeed): string {
  return `${repository}/${id}/${name}`;
}

function differences(row: IncidentRow, expected: ExpectedIncident, lost: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const attempts = expected.attempts.toSorted((a, b) => a - b).join();
  if (row.attempts.join() !== attempts || row.occurrences !== expected.attempts.length)
    problems.push(`has the attempts ${row.attempts.join()} and not ${attempts}`);
  const open = expected.provenBy === null ? expected.open : ['resolved'];
  if (!open.includes(row.status)) problems.push(`is ${row.status} and not ${open.join(' or ')}`);
  const isLater = row.provenBy !== null && lost.has(expected.provenBy ?? '');
  if (row.provenBy !== expected.provenBy && !isLater)
    problems.push(`is proven by ${row.provenBy} and not ${expected.provenBy}`);
  if (row.ownWork !== expected.ownWork) problems.push(`is own work: ${row.ownWork}`);
  if (row.merges.join() !== expected.merges.join())
    problems.push(`knows of the merges ${row.merges.join()} and not ${expected.merges.join()}`);
  return problems;
}

export async function readIncidents({ dataSource }: Persistence): Promise<IncidentRow[]> {
  return dataSource.query(
    `SELECT i.id, p.owner || '/' || p.name || '/' || i.run_id || '/' || i.job_name AS key, i.status, i.occurrences,
       (SELECT array_agg(o.attempt ORDER BY o.attempt) FROM occurrences o WHERE o.incident_id = i.id) AS attempts,
       (i.verified_by->>'runId') || '/' || (i.verified_by->>'attempt') AS "provenBy", i.own_work AS "ownWork",
       ARRAY(SELECT (e.facts->>'number')::integer FROM incident_events e
         WHERE e.incident_id = i.id AND e.kind = 'pull_request_merged' ORDER BY 1) AS merges
     FROM incidents i JOIN projects p ON p.id = i.project_id`,
  );
}
