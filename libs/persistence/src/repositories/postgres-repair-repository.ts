import {
  PROVEN_WEIGHT,
  type DueRepair,
  type LearnedRepair,
  type Repair,
  type RepairRepository,
  type RepositoryRef,
} from '@app/domain';
import type { Database } from '../database.js';
import { storable, storableText } from '../storable.js';

/** What is older has nothing to teach that is worth asking for. */
const TAKEN_UP_FOR_DAYS = 30;
/** It passed without a change: little is proven of the diagnosis. */
const SAME_COMMIT_WEIGHT = 0.1;

export class PostgresRepairRepository implements RepairRepository {
  constructor(private readonly database: Database) {}

  async takeUp(limit: number): Promise<number> {
    const rows = await this.database.query(
      `WITH proven AS (
         SELECT i.id, i.pattern_id, i.head_sha AS red, (i.verified_by->>'runId')::bigint AS run_id,
           (i.verified_by->>'attempt')::integer AS attempt, (i.verified_by->>'passedAt')::timestamptz AS passed_at,
           CASE WHEN (i.verified_by->>'runId')::bigint = i.run_id THEN i.head_sha ELSE r.head_sha END AS green,
           (i.verified_by->>'runId')::bigint = i.run_id OR coalesce(r.head_sha = i.head_sha, false) AS same
         FROM incidents i
         LEFT JOIN runs r ON r.project_id = i.project_id AND r.run_id = (i.verified_by->>'runId')::bigint
         WHERE i.status = 'resolved' AND i.verified_by IS NOT NULL
           AND i.opened_at > $1::timestamptz - make_interval(days => $3)
           AND NOT EXISTS (SELECT FROM repairs known WHERE known.incident_id = i.id
             AND known.run_id = (i.verified_by->>'runId')::bigint
             AND known.attempt = (i.verified_by->>'attempt')::integer)
         ORDER BY i.opened_at, i.id LIMIT $2
       ), taken AS (
         INSERT INTO repairs (incident_id, run_id, attempt, pattern_id, passed_at, red_sha, green_sha, same_commit, state,
           tries, due_at)
         SELECT id, run_id, attempt, pattern_id, passed_at, red, green, same, CASE WHEN same THEN 'learned' ELSE 'due' END,
           0, $1
         FROM proven ON CONFLICT DO NOTHING
         RETURNING incident_id, same_commit
       ), weighed AS (
         UPDATE incidents i SET outcome_weight = greatest(i.outcome_weight,
           CASE WHEN taken.same_commit THEN $5::real ELSE $4::real END)
         FROM taken WHERE i.id = taken.incident_id AND i.outcome_weight > -1
       )
       SELECT incident_id FROM taken`,
      [this.database.clock.now(), limit, TAKEN_UP_FOR_DAYS, PROVEN_WEIGHT, SAME_COMMIT_WEIGHT],
    );
    return rows.length;
  }

  async due(now: Date, limit: number): Promise<readonly DueRepair[]> {
    const rows = await this.database.query<Omit<DueRepair, 'repository'> & RepositoryRef>(
      `SELECT r.incident_id AS "incidentId", r.run_id::double precision AS "runId", r.attempt, r.passed_at AS "passedAt",
         i.project_id AS "projectId", p.host, p.owner, p.name, r.pattern_id AS "patternId",
         i.run_id::double precision AS "failedRunId", r.red_sha AS "redSha", r.green_sha AS "greenSha", r.tries
       FROM repairs r JOIN incidents i ON i.id = r.incident_id JOIN projects p ON p.id = i.project_id
       WHERE r.state = 'due' AND r.due_at <= $1 ORDER BY r.due_at, r.incident_id LIMIT $2`,
      [now, limit],
    );
    return rows.map(({ host, owner, name, ...repair }) => ({ ...repair, repository: { host, owner, name } }));
  }

  async learn({ incidentId, runId, attempt }: Repair, learned: LearnedRepair): Promise<void> {
    const { greenSha, sameCommit, fix, note } = learned;
    await this.database.query(
      `WITH ended AS (
         UPDATE repairs SET state = CASE WHEN $6::text IS NULL THEN 'learned' ELSE 'given_up' END, green_sha = $4,
           same_commit = $5, note = $6
         WHERE incident_id = $1 AND run_id = $2 AND attempt = $3 AND state = 'due'
         RETURNING pattern_id, incident_id, red_sha, green_sha
       )
       INSERT INTO likely_fixes (pattern_id, incident_id, red_sha, green_sha, commits, total_commits, files, url, found_at)
       SELECT pattern_id, incident_id, red_sha, green_sha, $7, $8, $9, $10, $11 FROM ended
       WHERE $7::jsonb IS NOT NULL AND pattern_id IS NOT NULL AND red_sha IS NOT NULL AND green_sha IS NOT NULL
       ON CONFLICT (pattern_id, red_sha, green_sha) DO NOTHING`,
      [
        incidentId,
        runId,
        attempt,
        greenSha,
        sameCommit,
        storable(note),
        fix && JSON.stringify(storable(fix.commits)),
        fix?.totalCommits ?? 0,
        JSON.stringify(storable(fix?.files ?? [])),
        fix?.url ?? null,
        this.database.clock.now(),
      ],
    );
  }

  async postpone({ incidentId, runId, attempt }: Repair, at: Date, note: string): Promise<void> {
    await this.database.query(
      `UPDATE repairs SET tries = tries + 1, due_at = $4, note = $5
       WHERE incident_id = $1 AND run_id = $2 AND attempt = $3 AND state = 'due'`,
      [incidentId, runId, attempt, at, storableText(note)],
    );
  }
}
