import type { IncidentFilter } from '@app/domain';
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { BranchCountEntity } from '../entities/branch-count.entity.js';
import { IncidentCountEntity } from '../entities/incident-count.entity.js';
import { IncidentEntity } from '../entities/incident.entity.js';
import { applyFilter } from './incident-query.js';
import { isUuid } from './uuid.js';

const MAX_BRANCHES = 50;

/** Columns that are counted by, and the facet that each one is. The first five are those of `incident_counts`. */
const KINDS = [
  ['project_id', 'project'],
  ['status', 'status'],
  ['category', 'category'],
  ['severity', 'severity'],
  ['determinism', 'determinism'],
] as const;
const BRANCH = ['branch', 'branch'] as const;

type Counted = readonly (readonly [column: string, facet: string])[];

export type Facet = (typeof KINDS)[number][1] | 'branch';

interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/**
 * Counts of incidents by each facet as one statement: rows of `facet`, `value` (null: not known), `count` and, for a
 * project, its `repository`, the most frequent first.
 */
export function facetsStatement(dataSource: DataSource, filter: IncidentFilter): Statement {
  const { sql, values } = isKept(filter) ? kept(dataSource, filter) : counted(dataSource, filter);
  return {
    values,
    sql: `WITH counts AS (${sql}), placed AS (
        SELECT *, row_number() OVER (PARTITION BY facet ORDER BY count DESC, value COLLATE "C") AS place
        FROM counts WHERE count > 0
      )
      SELECT facet, value, count, CASE WHEN p.id IS NOT NULL
          THEN jsonb_build_object('host', p.host, 'owner', p.owner, 'name', p.name) END AS repository
      FROM placed LEFT JOIN projects p ON facet = 'project' AND p.id::text = value
      WHERE facet <> 'branch' OR place <= ${MAX_BRANCHES}
      ORDER BY count DESC, value COLLATE "C"`,
  };
}

/** Whether `incident_counts` knows what is asked for. */
function isKept({ text, branch, headSha, fingerprint, from, to }: IncidentFilter): boolean {
  return [text, branch, headSha, fingerprint, from, to].every((each) => each === undefined);
}

/**
 * Counts by status, category, severity and determinism of all incidents of projects, as rows of `project_id`, `facet`,
 * `value` and `count` that add up: what is folded was summed before, what was added since is a few hundred rows.
 * @param within SQL that follows `WHERE` and narrows `project_id`
 */
export function countsByFacet(within: string): string {
  const values = KINDS.slice(1).map(([column, facet]) => `('${facet}', ${column})`);
  return `SELECT project_id, facet, value, count FROM facet_counts WHERE ${within}
    UNION ALL
    SELECT project_id, f.facet, f.value, count
    FROM incident_counts CROSS JOIN LATERAL (VALUES ${values.join(', ')}) AS f (facet, value)
    WHERE NOT folded AND ${within}`;
}

/** From what triggers have counted; branches of a kind are counted from an index. */
function kept(dataSource: DataSource, filter: IncidentFilter): Statement {
  const { status, category, severity, determinism } = filter;
  if ([status, category, severity, determinism].every((each) => each === undefined))
    return ofProjects(dataSource, filter);
  const kinds = within(
    dataSource,
    IncidentCountEntity,
    [...KINDS.map(([column]) => column), 'count'],
    filter,
  );
  // Its parameters are the same ones: it is one filter, written in one order.
  const branches = by([BRANCH], 'count(*)', within(dataSource, IncidentEntity, ['branch'], filter).sql);
  return { sql: `${by(KINDS, 'sum(count)', kinds.sql)} UNION ALL ${branches}`, values: kinds.values };
}

/** Of whole projects, where each facet was counted alone. */
function ofProjects(dataSource: DataSource, { projectIds }: IncidentFilter): Statement {
  const branches = within(dataSource, BranchCountEntity, ['branch', 'count'], { projectIds });
  const isTheirs = projectIds === undefined ? 'true' : 'project_id = ANY ($2::uuid[])';
  return {
    values: projectIds === undefined ? [] : [...branches.values, projectIds.filter(isUuid)],
    sql: `SELECT facet, value, sum(count)::int AS count FROM (
        SELECT facet, value, count FROM (${countsByFacet(isTheirs)}) AS counted
        UNION ALL
        SELECT 'project', project_id::text, count FROM (${countsByFacet(isTheirs)}) AS counted WHERE facet = 'status'
      ) AS counted GROUP BY 1, 2
      UNION ALL ${by([BRANCH], 'sum(count)', branches.sql)}`,
  };
}

/** From the incidents, which are gone through once. */
function counted(dataSource: DataSource, filter: IncidentFilter): Statement {
  const all = [...KINDS, BRANCH];
  const columns = all.map(([column]) => column);
  const { sql, values } = within(dataSource, IncidentEntity, columns, filter);
  return { sql: by(all, 'count(*)', sql), values };
}

function by(counted: Counted, count: string, matching: string): string {
  const columns = counted.map(([column]) => column);
  const facets = counted.map(([column, facet]) => `WHEN GROUPING(${column}) = 0 THEN '${facet}'`);
  return `SELECT CASE ${facets.join(' ')} END AS facet,
      coalesce(${columns.map((column) => `${column}::text`).join(', ')}) AS value, ${count}::int AS count
    FROM (${matching}) AS matching GROUP BY GROUPING SETS (${columns.map((column) => `(${column})`).join(', ')})`;
}

function within(
  dataSource: DataSource,
  entity: EntityTarget<ObjectLiteral>,
  columns: readonly string[],
  filter: IncidentFilter,
): Statement {
  const query = dataSource
    .createQueryBuilder()
    .select(columns.map((column) => `incident.${column} AS ${column}`))
    .from(entity, 'incident');
  const [sql, values] = applyFilter(query, filter).getQueryAndParameters();
  return { sql, values };
}
