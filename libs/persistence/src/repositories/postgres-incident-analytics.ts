import {
  boundsBefore,
  boundsOf,
  bucketsOf,
  repositoryName,
  type AnalyticsGroup,
  type AnalyticsGrouping,
  type AnalyticsOverview,
  type AnalyticsScope,
  type Bounds,
  type Durations,
  type FlakyPattern,
  type GroupOrder,
  type IncidentAnalytics,
  type RepositoryRef,
  type RunCount,
  type TrendBucket,
  type TrendInterval,
} from '@app/domain';
import type { Database } from '../database.js';
import { CHOSEN, DURATIONS, GROUP_KEYS, RUNS } from './analytics-sql.js';
import { isUuid } from './uuid.js';

interface DurationColumns {
  readonly diagnosed: number;
  readonly diagnosedMedian: number | null;
  readonly diagnosedP90: number | null;
  readonly repaired: number;
  readonly repairedMedian: number | null;
  readonly repairedP90: number | null;
}

type OverviewRow = DurationColumns &
  Pick<
    AnalyticsOverview,
    'opened' | 'openedBefore' | 'occurrences' | 'open' | 'resolved' | 'proven' | 'reused'
  > & { readonly shown: number };

type BucketRow = DurationColumns & Pick<TrendBucket, 'from' | 'opened' | 'occurrences' | 'proven'>;

type GroupRow = DurationColumns &
  Omit<AnalyticsGroup, 'repository' | 'timeToDiagnosis' | 'timeToRepair'> & {
    readonly place: RepositoryRef | null;
  };

const ORDERS: Readonly<Record<GroupOrder, string>> = {
  occurrences: 'occurrences DESC',
  repair: '"repairedMedian" DESC NULLS LAST, occurrences DESC',
};

/** Figures counted when they are asked for: from the incidents of a period, and from the runs that ended in it. */
export class PostgresIncidentAnalytics implements IncidentAnalytics {
  constructor(private readonly database: Database) {}

  async overview(scope: AnalyticsScope): Promise<AnalyticsOverview> {
    const bounds = this.boundsOf(scope);
    const before = boundsBefore(bounds);
    const [[row], runs, baseline] = await Promise.all([
      this.database.query<OverviewRow>(
        `WITH ${CHOSEN}
         SELECT count(*)::int AS opened, coalesce(sum(occurrences), 0)::int AS occurrences,
           count(*) FILTER (WHERE status NOT IN ('resolved', 'ignored'))::int AS open,
           count(*) FILTER (WHERE status = 'resolved')::int AS resolved, count(passed_at)::int AS proven,
           count(diagnosis_id)::int AS shown, count(*) FILTER (WHERE reused)::int AS reused, ${DURATIONS},
           (SELECT count(*)::int FROM incidents
            WHERE ($1::uuid[] IS NULL OR project_id = ANY ($1)) AND opened_at >= $4 AND opened_at < $2) AS "openedBefore"
         FROM chosen`,
        [...parametersOf(scope, bounds), before.from],
      ),
      this.runs(scope, bounds),
      this.runs(scope, before),
    ]);
    const { shown, opened, openedBefore, occurrences, open, resolved, proven, reused } = row!;
    return {
      ...bounds,
      opened,
      openedBefore,
      occurrences,
      open,
      resolved,
      proven,
      reused,
      diagnosed: shown,
      ...durationsOf(row!),
      runs,
      baseline,
    };
  }

  async trends(scope: AnalyticsScope, interval: TrendInterval): Promise<readonly TrendBucket[]> {
    const bounds = this.boundsOf(scope);
    const parameters = parametersOf(scope, bounds);
    const [rows, runs] = await Promise.all([
      this.database.query<BucketRow>(
        `WITH ${CHOSEN}
         SELECT date_trunc($4, opened_at, 'UTC') AS "from", count(*)::int AS opened,
           sum(occurrences)::int AS occurrences, count(passed_at)::int AS proven, ${DURATIONS}
         FROM chosen GROUP BY 1`,
        [...parameters, interval],
      ),
      this.database.query<RunCount & { from: Date }>(
        `WITH ${RUNS} SELECT date_trunc($4, at, 'UTC') AS "from", sum(runs)::int AS runs, sum(failed)::int AS failed
         FROM ended GROUP BY 1`,
        [...parameters, interval],
      ),
    ]);
    const opened = new Map(rows.map((row) => [row.from.getTime(), row]));
    const ended = new Map(runs.map((row) => [row.from.getTime(), row]));
    return bucketsOf(bounds, interval).map((from) => {
      const row = opened.get(from.getTime());
      const { runs: count = 0, failed = 0 } = ended.get(from.getTime()) ?? {};
      return {
        from,
        opened: row?.opened ?? 0,
        occurrences: row?.occurrences ?? 0,
        proven: row?.proven ?? 0,
        ...durationsOf(row),
        runs: count,
        failed,
      };
    });
  }

  async groups(
    scope: AnalyticsScope,
    by: AnalyticsGrouping,
    order: GroupOrder,
    limit: number,
  ): Promise<readonly AnalyticsGroup[]> {
    const { project, value, where } = GROUP_KEYS[by];
    const rows = await this.database.query<GroupRow>(
      `WITH ${CHOSEN}, counted AS (
         SELECT ${project} AS project_id, ${value} AS value, count(*)::int AS incidents,
           sum(occurrences)::int AS occurrences,
           count(*) FILTER (WHERE status NOT IN ('resolved', 'ignored'))::int AS open,
           max(last_failed_at) AS last_failed_at, ${DURATIONS}
         FROM chosen ${where} GROUP BY 1, 2
       ), grouped AS (
         SELECT * FROM counted ORDER BY ${ORDERS[order]}, incidents DESC, value COLLATE "C" NULLS LAST, project_id LIMIT $4
       )
       SELECT g.project_id AS "projectId", ${by === 'pattern' ? 'p.fingerprint' : 'g.value'} AS value, g.incidents,
         g.occurrences, g.open, g.last_failed_at AS "lastFailedAt", p.category,
         d.root_cause->>'primaryCause' AS "rootCause", g.diagnosed, g."diagnosedMedian", g."diagnosedP90", g.repaired,
         g."repairedMedian", g."repairedP90",
         CASE WHEN place.id IS NOT NULL
           THEN jsonb_build_object('host', place.host, 'owner', place.owner, 'name', place.name) END AS place
       FROM grouped g LEFT JOIN projects place ON place.id = g.project_id
       LEFT JOIN patterns p ON ${by === 'pattern' ? 'p.id::text = g.value' : 'false'}
       LEFT JOIN diagnoses d ON d.id = p.diagnosis_id AND d.invalidated_at IS NULL
       ORDER BY ${ORDERS[order]}, incidents DESC, g.value COLLATE "C" NULLS LAST, g.project_id`,
      [...parametersOf(scope, this.boundsOf(scope)), limit],
    );
    return rows.map((row) => ({
      projectId: row.projectId,
      repository: row.place && repositoryName(row.place),
      value: row.value,
      category: row.category,
      rootCause: row.rootCause,
      incidents: row.incidents,
      occurrences: row.occurrences,
      open: row.open,
      lastFailedAt: row.lastFailedAt,
      ...durationsOf(row),
    }));
  }

  async flaky(scope: AnalyticsScope, limit: number): Promise<readonly FlakyPattern[]> {
    const rows = await this.database.query<Omit<FlakyPattern, 'repository'> & { place: RepositoryRef }>(
      // What was merged into another passes as that one. A period's repairs are of few of all patterns, and few of those are
      // flaky: only these are looked up.
      `WITH seen AS MATERIALIZED (
         SELECT pattern_id, incident_id, same_commit, passed_at FROM repairs WHERE passed_at >= $2 AND passed_at < $3
       ), flaky AS MATERIALIZED (
         SELECT DISTINCT coalesce(merged_into, id) AS id FROM patterns
         WHERE id = ANY (ARRAY(SELECT pattern_id FROM seen WHERE same_commit))
           AND ($1::uuid[] IS NULL OR project_id = ANY ($1))
       ), members AS MATERIALIZED (
         SELECT id, id AS root FROM patterns WHERE merged_into IS NULL AND id = ANY (ARRAY(SELECT id FROM flaky))
         UNION ALL
         SELECT id, merged_into FROM patterns WHERE merged_into = ANY (ARRAY(SELECT id FROM flaky))
       ), passed AS MATERIALIZED (
         SELECT m.root AS pattern_id, count(DISTINCT s.incident_id)::int AS passes,
           (count(DISTINCT s.incident_id) FILTER (WHERE s.same_commit))::int AS same, max(s.passed_at) AS last_passed_at
         FROM seen s JOIN members m ON m.id = s.pattern_id GROUP BY 1
       )
       SELECT p.project_id AS "projectId", p.fingerprint, p.signature, p.category, passed.passes,
         passed.same AS "passesOnSameCommit", passed.last_passed_at AS "lastPassedAt",
         jsonb_build_object('host', place.host, 'owner', place.owner, 'name', place.name) AS place
       FROM passed JOIN patterns p ON p.id = passed.pattern_id JOIN projects place ON place.id = p.project_id
       WHERE p.id = ANY (ARRAY(SELECT pattern_id FROM passed WHERE same > 0))
       ORDER BY passed.same DESC, passed.passes, p.fingerprint COLLATE "C", p.project_id LIMIT $4`,
      [...parametersOf(scope, this.boundsOf(scope)), limit],
    );
    return rows.map(({ place, ...row }) => ({ ...row, repository: repositoryName(place) }));
  }

  private async runs(scope: AnalyticsScope, bounds: Bounds): Promise<RunCount> {
    const [row] = await this.database.query<RunCount>(
      `WITH ${RUNS} SELECT coalesce(sum(runs), 0)::int AS runs, coalesce(sum(failed), 0)::int AS failed FROM ended`,
      parametersOf(scope, bounds),
    );
    return row!;
  }

  private boundsOf({ period }: AnalyticsScope): Bounds {
    return boundsOf(period, this.database.clock.now());
  }
}

function parametersOf({ projectIds }: AnalyticsScope, { from, to }: Bounds): unknown[] {
  return [projectIds?.filter(isUuid) ?? null, from, to];
}

const NONE: DurationColumns = {
  diagnosed: 0,
  diagnosedMedian: null,
  diagnosedP90: null,
  repaired: 0,
  repairedMedian: null,
  repairedP90: null,
};

function durationsOf(row: DurationColumns = NONE): { timeToDiagnosis: Durations; timeToRepair: Durations } {
  return {
    timeToDiagnosis: { count: row.diagnosed, medianMs: row.diagnosedMedian, p90Ms: row.diagnosedP90 },
    timeToRepair: { count: row.repaired, medianMs: row.repairedMedian, p90Ms: row.repairedP90 },
  };
}
