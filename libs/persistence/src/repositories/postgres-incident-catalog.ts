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

/** Columns that are counted by, in the order of `incidents_facets_idx`, and the facet each one is. */
const FACETS = [
  ['project_id', 'project'],
  ['status', 'status'],
  ['category', 'category'],
  ['severity', 'severity'],
  ['determinism', 'determinism'],
  ['branch', 'branch'],
] as const;

type Facet = (typeof FACETS)[number][1];

interface CountRow {
  readonly facet: number;
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
   * Counts each combination once, from an index where no filter asks for more than stands in it, then the combinations by
   * each column.
   */
  async facets(filter: IncidentFilter): Promise<IncidentFacets> {
    const [combinations, parameters] = this.combinationsOf(filter);
    const rows = await this.database.query<CountRow>(
      `WITH combinations AS MATERIALIZED (${combinations}), counts AS (
         SELECT array_position(ARRAY[${FACETS.map(([column]) => `GROUPING(${column})`).join(', ')}], 0) - 1 AS facet,
           coalesce(${FACETS.map(([column]) => `${column}::text`).join(', ')}) AS value, sum(count)::int AS count
         FROM combinations
         GROUP BY GROUPING SETS (${FACETS.map(([column]) => `(${column})`).join(', ')})
       ), ranked AS (
         SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value COLLATE "C") AS place FROM counts
       )
       SELECT facet, value, count, CASE WHEN p.id IS NOT NULL
           THEN jsonb_build_object('host', p.host, 'owner', p.owner, 'name', p.name) END AS repository
       FROM ranked LEFT JOIN projects p ON facet = 0 AND p.id::text = value
       WHERE facet <> ${FACETS.length - 1} OR place <= ${MAX_BRANCHES}
       ORDER BY facet, place`,
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

  private combinationsOf(filter: IncidentFilter): [sql: string, parameters: unknown[]] {
    const query = this.database.dataSource
      .createQueryBuilder()
      .select([...FACETS.map(([column]) => `incident.${column} AS ${column}`), 'count(*) AS count'])
      .from(IncidentEntity, 'incident');
    for (const [column] of FACETS) query.addGroupBy(`incident.${column}`);
    return applyFilter(query, filter).getQueryAndParameters();
  }
}

function rowsOf(rows: readonly CountRow[], facet: Facet): CountRow[] {
  const index = FACETS.findIndex(([, name]) => name === facet);
  return rows.filter((row) => row.facet === index);
}
