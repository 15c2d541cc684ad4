import {
  INCIDENT_STATUSES,
  repositoryName,
  type FacetCount,
  type Incident,
  type IncidentCatalog,
  type IncidentFacets,
  type IncidentFilter,
  type IncidentStats,
  type IncidentStatus,
  type Page,
} from '@app/domain';
import { matches, type InMemoryIncidentRepository } from './in-memory-incident-repository.js';
import type { IncidentRow, MemoryStore } from './store.js';

const DAY_MS = 86_400_000;
const MAX_BRANCHES = 50;

export class InMemoryIncidentCatalog implements IncidentCatalog {
  constructor(
    private readonly store: MemoryStore,
    private readonly incidents: InMemoryIncidentRepository,
  ) {}

  search(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>> {
    return this.incidents.list(filter, limit, cursor);
  }

  async facets(filter: IncidentFilter): Promise<IncidentFacets> {
    const rows = [...this.store.incidents.values()].filter((row) => matches(row, filter));
    return {
      total: rows.length,
      category: countsOf(rows, (row) => row.category),
      status: countsOf(rows, (row) => row.status),
      severity: countsOf(rows, (row) => row.severity),
      determinism: countsOf(rows, (row) => row.determinism),
      branch: countsOf(rows, (row) => row.branch).slice(0, MAX_BRANCHES),
      project: countsOf(rows, (row) => row.projectId).map(({ value, count }) => ({
        value,
        count,
        repository: repositoryName(this.store.projects.get(value!)!.repository),
      })),
    };
  }

  async stats(projectIds: readonly string[] | null): Promise<IncidentStats> {
    const rows = [...this.store.incidents.values()].filter(
      (row) => projectIds === null || projectIds.includes(row.projectId),
    );
    const now = this.store.clock.now();
    const byStatus = Object.fromEntries(
      INCIDENT_STATUSES.map((status) => [status, rows.filter((row) => row.status === status).length]),
    ) as Record<IncidentStatus, number>;
    const since = (days: number): number =>
      rows.filter((row) => row.openedAt.getTime() > now.getTime() - days * DAY_MS).length;
    return {
      total: rows.length,
      byStatus,
      open: rows.length - byStatus.resolved - byStatus.ignored,
      openedLastDay: since(1),
      openedLastWeek: since(7),
      lastUpdatedAt: now,
    };
  }
}

/** The most frequent first; of equals by value, and what has none last. */
function countsOf<T extends string>(
  rows: readonly IncidentRow[],
  valueOf: (row: IncidentRow) => T | null,
): FacetCount<T>[] {
  const counts = new Map<T | null, number>();
  for (const row of rows) counts.set(valueOf(row), (counts.get(valueOf(row)) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || ((a.value ?? '\uffff') < (b.value ?? '\uffff') ? -1 : 1));
}
