import {
  IncidentNotFound,
  type Dispatch,
  type FailedJob,
  type Incident,
  type IncidentEvent,
  type IncidentFilter,
  type IncidentRepository,
  type IncidentStatus,
  type Occurrence,
  type OpenedIncident,
  type Page,
} from '@app/domain';
import type { Database } from '../database.js';
import { IncidentEntity } from '../entities/incident.entity.js';
import { IncidentEventEntity } from '../entities/incident-event.entity.js';
import { OccurrenceEntity } from '../entities/occurrence.entity.js';
import { storable } from '../storable.js';
import { decodeCursor, encodeCursor } from './incident-cursor.js';
import { toIncident } from './incident-mapper.js';
import { applyFilter } from './incident-query.js';
import { moveIncident } from './move-incident.js';
import { REOPENABLE } from './record-deliveries.js';
import { isUuid } from './uuid.js';

export class PostgresIncidentRepository implements IncidentRepository {
  constructor(private readonly database: Database) {}

  async open(jobs: readonly FailedJob[]): Promise<readonly OpenedIncident[]> {
    const rows = await this.database.query<{ opened: OpenedIncident }>(
      `SELECT open_incident(job, $2, $3) AS opened
       FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS jobs (job, place) ORDER BY place`,
      [JSON.stringify(storable(jobs)), this.database.clock.now(), REOPENABLE],
    );
    return rows.map(({ opened }) => opened);
  }

  async find(id: string): Promise<Incident | null> {
    if (!isUuid(id)) return null;
    const row = await this.database.entities((manager) =>
      manager.findOne(IncidentEntity, { where: { id }, relations: { project: true } }),
    );
    return row ? toIncident(row) : null;
  }

  async get(id: string): Promise<Incident> {
    const incident = await this.find(id);
    if (!incident) throw new IncidentNotFound(id);
    return incident;
  }

  async list(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    const rows = await this.database.entities((manager) => {
      const query = manager
        .createQueryBuilder(IncidentEntity, 'incident')
        .innerJoinAndSelect('incident.project', 'project')
        .orderBy('incident.openedAt', 'DESC')
        .addOrderBy('incident.id', 'DESC')
        .limit(limit + 1);
      if (after) query.where('(incident.openedAt, incident.id) < (:openedAt, :id)', { ...after });
      return applyFilter(query, filter).getMany();
    });
    const items = rows.slice(0, limit).map(toIncident);
    const last = items.at(-1);
    return { items, nextCursor: last && rows.length > limit ? encodeCursor(last) : null };
  }

  async timeline(id: string): Promise<readonly IncidentEvent[]> {
    if (!isUuid(id)) return [];
    const rows = await this.database.entities((manager) =>
      manager.find(IncidentEventEntity, { where: { incidentId: id }, order: { id: 'ASC' } }),
    );
    return rows.map(({ incidentId, at, kind, from, to, facts, ...row }) => ({
      id: Number(row.id),
      incidentId,
      at,
      kind,
      from,
      to,
      facts,
    }));
  }

  async occurrences(id: string): Promise<readonly Occurrence[]> {
    if (!isUuid(id)) return [];
    const rows = await this.database.entities((manager) =>
      manager.find(OccurrenceEntity, { where: { incidentId: id }, order: { attempt: 'ASC' } }),
    );
    return rows.map(({ incidentId, attempt, jobId, failedAt, fingerprint }) => ({
      incidentId,
      attempt,
      jobId,
      failedAt,
      fingerprint,
    }));
  }

  async move(
    id: string,
    to: IncidentStatus,
    reason: string,
    facts: Record<string, unknown> = {},
  ): Promise<Dispatch> {
    if (!isUuid(id)) throw new IncidentNotFound(id);
    return this.database.transaction(async (query) => ({
      incidentId: id,
      sequence: await moveIncident(query, id, { to, reason, facts }, this.database.clock.now()),
    }));
  }
}
