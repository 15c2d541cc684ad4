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
import { countsByFacet, facetsStatement, type Facet } from './facets-statement.js';
import { isUuid } from './uuid.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
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

  async facets(filter: IncidentFilter): Promise<IncidentFacets> {
    const { sql, values } = facetsStatement(this.database.dataSource, filter);
    const rows = await this.database.query<CountRow>(sql, values);
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
           SELECT value AS status, sum(count) AS count
           FROM (${countsByFacet(scope === null ? 'true' : 'project_id = ANY ($1)')}) AS counted
           WHERE facet = 'status' GROUP BY value
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
}

function rowsOf(rows: readonly CountRow[], facet: Facet): CountRow[] {
  return rows.filter((row) => row.facet === facet);
}
