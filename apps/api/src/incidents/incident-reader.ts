import {
  DiagnosisRepository,
  IncidentCatalog,
  IncidentNotFound,
  IncidentRepository,
  LogArchive,
  UsageLedger,
  type ApiKey,
  type ArchivedLog,
  type Incident,
  type IncidentEvent,
  type IncidentFilter,
  type Page,
} from '@app/domain';
import { Injectable } from '@nestjs/common';
import { presentDetail } from './incident.presenter.js';
import type { IncidentDetailView, IncidentFilterQuery, IncidentListQuery } from './incident.schemas.js';

/** Incidents as one caller may see them: outside its projects nothing exists. */
@Injectable()
export class IncidentReader {
  constructor(
    private readonly incidents: IncidentRepository,
    private readonly catalog: IncidentCatalog,
    private readonly diagnoses: DiagnosisRepository,
    private readonly logs: LogArchive,
    private readonly ledger: UsageLedger,
  ) {}

  async list(caller: ApiKey, query: IncidentListQuery): Promise<Page<Incident>> {
    const { limit, cursor, ...asked } = query;
    const filter = scopedFilter(caller, asked);
    if (filter.projectIds?.length === 0) return { items: [], nextCursor: null };
    return this.catalog.search(filter, limit, cursor ?? null);
  }

  /** @throws IncidentNotFound */
  async detail(caller: ApiKey, id: string): Promise<IncidentDetailView> {
    const incident = await this.get(caller, id);
    const [diagnosis, log, usage, occurrences] = await Promise.all([
      this.diagnoses.ofIncident(id),
      this.logs.find(id, incident.latestAttempt),
      this.ledger.ofIncident(id),
      this.incidents.occurrences(id),
    ]);
    return presentDetail(incident, diagnosis, log, usage, occurrences);
  }

  /** Null while the attempt's log has not been read. @throws IncidentNotFound */
  async log(caller: ApiKey, id: string, attempt?: number): Promise<ArchivedLog | null> {
    const incident = await this.get(caller, id);
    return this.logs.find(id, attempt ?? incident.latestAttempt);
  }

  /** @throws IncidentNotFound */
  async timeline(caller: ApiKey, id: string): Promise<readonly IncidentEvent[]> {
    await this.get(caller, id);
    return this.incidents.timeline(id);
  }

  /** @throws IncidentNotFound */
  async get(caller: ApiKey, id: string): Promise<Incident> {
    const incident = await this.incidents.get(id);
    if (caller.projectIds !== null && !caller.projectIds.includes(incident.projectId))
      throw new IncidentNotFound(id);
    return incident;
  }
}

/** What is asked for, within what the caller may see. */
export function scopedFilter(caller: ApiKey, { q, project, ...filter }: IncidentFilterQuery): IncidentFilter {
  return { ...filter, text: q, projectIds: visibleProjects(caller, project) };
}

/** Undefined: all of them. */
export function visibleProjects(caller: ApiKey, asked: string | undefined): readonly string[] | undefined {
  if (asked === undefined) return caller.projectIds ?? undefined;
  return caller.projectIds === null || caller.projectIds.includes(asked) ? [asked] : [];
}
