import type { Determinism, FailureCategory, Severity } from '../failure-taxonomy.js';
import type { Incident } from '../incident.js';
import type { IncidentStatus } from '../incident-status.js';
import type { IncidentFilter } from './incident-repository.js';
import type { Page } from './page.js';

/** How many incidents have a value; null stands for those that have none (yet). */
export interface FacetCount<T extends string = string> {
  readonly value: T | null;
  readonly count: number;
}

/** Counts over the incidents that a filter lets through, the most frequent values first. */
export interface IncidentFacets {
  readonly total: number;
  readonly category: readonly FacetCount<FailureCategory>[];
  readonly status: readonly FacetCount<IncidentStatus>[];
  readonly severity: readonly FacetCount<Severity>[];
  readonly determinism: readonly FacetCount<Determinism>[];
  /** By project id. */
  readonly project: readonly (FacetCount & { readonly repository: string | null })[];
  /** The 50 most frequent. */
  readonly branch: readonly FacetCount[];
}

export interface IncidentStats {
  readonly total: number;
  readonly byStatus: Readonly<Record<IncidentStatus, number>>;
  /** Neither resolved nor ignored. */
  readonly open: number;
  readonly openedLastDay: number;
  readonly openedLastWeek: number;
  /** When they were counted. */
  readonly lastUpdatedAt: Date;
}

/** What people look through incidents by. */
export abstract class IncidentCatalog {
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract search(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>>;
  abstract facets(filter: IncidentFilter): Promise<IncidentFacets>;
  /** @param projectIds only these; null = all */
  abstract stats(projectIds: readonly string[] | null): Promise<IncidentStats>;
}
