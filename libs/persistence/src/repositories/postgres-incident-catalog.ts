import {
  INCIDENT_STATUSES,
  repositoryName,
  type FacetCount,
  type Incident,
  type IncidentCatalog,
  type IncidentFacets,
  type IncidentFilter,
  type IncidentRepository,
  type IncidentStats,
  type IncidentStatus,
  type Page,
  type RepositoryRef,
} from '@app/domain';
import type { Database } from '../database.js';
import { IncidentEntity } from '../entities/incident.entity.js';
import { applyFilter } from './incident-query.js';
import { isUuid } from './uuid.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const MAX_BRANCHES = 50;

/** Columns of `incidents_counts_idx`, in its order, and the facet that each one is. */
const COMBINED = [
  ['project_id', 'project'],
  ['status', 'status'],
  ['category', 'category'],
  ['severity', 'severity'],
  ['determinism', 'determinism'],
] as const;

type Facet = (typeof COMBINED)[number][1] | 'branch';

interface CountRow {
  readonly facet: Facet;
  readonly value: string | null;
  readonly count: number;
  readonly repository: RepositoryRef | null;
}

/** Lists and counts of incidents. */
export class PostgresIncidentCatalog implements IncidentCatalog {
  constructor(
    private readonly database: Database,
    private readonly incidents: Pick<IncidentRepository, 'list'>,
  ) {}

  search(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>> {
    return this.incidents.list(filter, limit, cursor);
  }

  /**
   * Counts each combination once, then the combinations by each column. Branches are many, and counted apart: with them
   * hardly two incidents would be of one combination.
   */
  async facets(filter: IncidentFilter): Promise<IncidentFacets> {
    const [matching, parameters] = this.matching(filter);
    const columns = COMBINED.map(([column]) => column);
    const facet = COMBINED.map(([column, name]) => `WHEN GROUPING(${column}) = 0 THEN '${name}'`).join(' ');
    const rows = await this.database.query<CountRow>(
      `WITH matching AS ${isIndexed(filter) ? 'NOT MATERIALIZED' : 'MATERIALIZED'} (${matching}),
       combinations AS MATERIALIZED (
         SELECT ${columns.join(', ')}, count(*) AS count FROM matching GROUP BY ${columns.join(', ')}
       ), counts AS (
         SELECT CASE ${facet} END AS facet, coalesce(${columns.map((column) => `${column}::text`).join(', ')}) AS value,
           sum(count)::int AS count
         FROM combinations GROUP BY GROUPING SETS (${columns.map((column) => `(${column})`).join(', ')})
         UNION ALL
         (SELECT 'branch', branch, count(*)::int FROM matching GROUP BY branch
          ORDER BY count(*) DESC, branch COLLATE "C" LIMIT ${MAX_BRANCHES})
       )
       SELECT facet, value, count, CASE WHEN p.id IS NOT NULL
           THEN jsonb_build_object('host', p.host, 'owner', p.owner, 'name', p.name) END AS repository
       FROM counts LEFT JOIN projects p ON facet = 'project' AND p.id::text = value
       ORDER BY count DESC, value COLLATE "C"`,
      parameters,
    );
    const of = <T extends string>(facet: Facet): FacetCount<T>[] =>
      rowsOf(rows, facet).map(({ value, count }) => ({ value: value as T | null, count }));
    return {
      total: rowsOf(rows, 'status').reduce((total, { count }) => total + count, 0),
      category: of('category'),
      status: of('status'),
      severity: of('severity'),
      determinism: of('determinism'),
      branch: of('branch'),
      project: rowsOf(rows, 'project').map(({ value, count, repository }) => ({
        value,
        count,
        repository: repository && repositoryName(repository),
      })),
    };
  }

  async stats(projectIds: readonly string[] | null): Promise<IncidentStats> {
    const now = this.database.clock.now();
    const scope = projectIds === null ? null : projectIds.filter(isUuid);
    const within = scope === null ? '' : 'WHERE project_id = ANY ($1)';
    const since = (parameter: string): string =>
      `(SELECT count(*)::int FROM incidents ${within === '' ? 'WHERE' : `${within} AND`} opened_at > ${parameter})`;
    const times = [new Date(now.getTime() - DAY_MS), new Date(now.getTime() - WEEK_MS)];
    const parameters = scope === null ? times : [scope, ...times];
    const [row] = await this.database.query<{
      counts: Partial<Record<IncidentStatus, number>> | null;
      day: number;
      week: number;
    }>(
      `SELECT (SELECT jsonb_object_agg(status, count) FROM (
           SELECT status, count(*) AS count FROM incidents ${within} GROUP BY status
         ) AS of_status) AS counts,
         ${since(`$${parameters.length - 1}`)} AS day, ${since(`$${parameters.length}`)} AS week`,
      parameters,
    );
    const { counts, day, week } = row!;
    const byStatus = Object.fromEntries(
      INCIDENT_STATUSES.map((status) => [status, counts?.[status] ?? 0]),
    ) as Record<IncidentStatus, number>;
    const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
    return {
      total,
      byStatus,
      open: total - byStatus.resolved - byStatus.ignored,
      openedLastDay: day,
      openedLastWeek: week,
      lastUpdatedAt: now,
    };
  }

  private matching(filter: IncidentFilter): [sql: string, parameters: unknown[]] {
    const columns = [...COMBINED.map(([column]) => column), 'branch'];
    const query = this.database.dataSource
      .createQueryBuilder()
      .select(columns.map((column) => `incident.${column} AS ${column}`))
      .from(IncidentEntity, 'incident');
    return applyFilter(query, filter).getQueryAndParameters();
  }
}

/** Whether what is asked for stands in the indexes that are counted from: then looking twice is less than keeping rows. */
function isIndexed({ text, fingerprint, from, to }: IncidentFilter): boolean {
  return [text, fingerprint, from, to].every((each) => each === undefined);
}

function rowsOf(rows: readonly CountRow[], facet: Facet): CountRow[] {
  return rows.filter((row) => row.facet === facet);
}
