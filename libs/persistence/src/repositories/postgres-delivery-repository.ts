import {
  SETTLEABLE,
  type Delivery,
  type DeliveryDispatch,
  type DeliveryFilter,
  type DeliveryRepository,
  type DeliveryStatus,
  type FailedJob,
  type OpenedIncident,
  type Page,
  type RecordedDelivery,
  type ResolvedIncident,
  type RunFacts,
  type Signer,
  type StoredDelivery,
  type WantedRun,
} from '@app/domain';
import type { Database } from '../database.js';
import { DeliveryEntity } from '../entities/delivery.entity.js';
import { GroupCommit } from '../group-commit.js';
import { storable, storableText } from '../storable.js';
import { reviveMeaning } from './delivery-meaning.js';
import { decodeTimeCursor, encodeTimeCursor } from './incident-cursor.js';
import { groupedDelivery, GROUP_LIMITS, recordDeliveries, REOPENABLE } from './record-deliveries.js';
import { isUuid } from './uuid.js';

export class PostgresDeliveryRepository implements DeliveryRepository {
  private readonly groups: GroupCommit<string, RecordedDelivery>;

  constructor(private readonly database: Database) {
    this.groups = new GroupCommit(
      (group) => recordDeliveries(database.query, group, database.clock.now()),
      GROUP_LIMITS,
    );
  }

  record(delivery: Delivery, signer: Signer = { isShared: false }): Promise<RecordedDelivery> {
    return this.groups.add(groupedDelivery(delivery, signer));
  }

  /** Resolves when nothing waits to be recorded. */
  drained(): Promise<void> {
    return this.groups.drained();
  }

  async find(id: string): Promise<StoredDelivery | null> {
    const row = await this.database.entities((manager) =>
      manager.findOneBy(DeliveryEntity, { id: storableText(id) }),
    );
    return row && toDelivery(row);
  }

  async list(filter: DeliveryFilter, limit: number, cursor: string | null): Promise<Page<StoredDelivery>> {
    const after = cursor === null ? null : decodeTimeCursor(cursor);
    const rows = await this.database.entities((manager) => {
      const query = manager
        .createQueryBuilder(DeliveryEntity, 'delivery')
        .orderBy('delivery.receivedAt', 'DESC')
        .addOrderBy('delivery.id', 'DESC')
        .limit(limit + 1);
      if (after) query.where('(delivery.receivedAt, delivery.id) < (:at, :id)', { ...after });
      if (filter.projectIds)
        query.andWhere('delivery.projectId = ANY (:projectIds)', {
          projectIds: filter.projectIds.filter(isUuid),
        });
      if (filter.status) query.andWhere('delivery.status = ANY (:status)', { status: [...filter.status] });
      if (filter.event !== undefined)
        query.andWhere('delivery.event = :event', { event: storableText(filter.event) });
      return query.getMany();
    });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(toDelivery),
      nextCursor: last && rows.length > limit ? encodeTimeCursor(last.receivedAt, last.id) : null,
    };
  }

  async findPayload(id: string): Promise<Readonly<Record<string, unknown>> | null> {
    const [row] = await this.database.query<{ payload: Record<string, unknown> | null }>(
      'SELECT payload FROM deliveries WHERE id = $1',
      [storableText(id)],
    );
    return row?.payload ?? null;
  }

  async findNote(incidentId: string): Promise<string | null> {
    const [row] = await this.database.query<{ note: string }>(
      `SELECT note FROM deliveries WHERE incident_ids @> ARRAY[$1::uuid] AND note IS NOT NULL
         AND meaning->>'kind' IN ('failed_run', 'failed_job')
       ORDER BY received_at DESC LIMIT 1`,
      [incidentId],
    );
    return row?.note ?? null;
  }

  async expand(
    id: string,
    jobs: readonly FailedJob[],
    status: Exclude<DeliveryStatus, 'pending'>,
    note: string | null,
  ): Promise<readonly OpenedIncident[]> {
    const [row] = await this.database.query<{ opened: OpenedIncident[] }>(
      'SELECT expand_delivery($1, $2, $3, $4, $5, $6, $7) AS opened',
      [
        storableText(id),
        JSON.stringify(storable(jobs)),
        status,
        storable(note),
        this.database.clock.now(),
        REOPENABLE,
        SETTLEABLE,
      ],
    );
    return row!.opened;
  }

  async wanted(id: string): Promise<readonly WantedRun[]> {
    return this.database.query<{ runId: number; attempt: number | null }>(
      `SELECT DISTINCT w.run_id::double precision AS "runId", w.attempt
       FROM deliveries d JOIN incidents i ON i.id = ANY (d.incident_ids), wanted_of(i) AS w
       WHERE d.id = $1 AND d.status = 'pending' AND i.verified_by IS NULL AND i.status <> 'ignored'
       ORDER BY 1, 2 LIMIT 10`,
      [storableText(id)],
    );
  }

  async learn(facts: RunFacts): Promise<readonly ResolvedIncident[]> {
    const [row] = await this.database.query<{ resolved: ResolvedIncident[] }>(
      'SELECT learn_facts($1, $2, $3) AS resolved',
      [JSON.stringify(storable(facts)), this.database.clock.now(), SETTLEABLE],
    );
    return row!.resolved;
  }

  async close(id: string, status: Exclude<DeliveryStatus, 'pending'>, note: string | null): Promise<void> {
    await this.database.query(
      `UPDATE deliveries SET status = $2, note = coalesce($3, note) WHERE id = $1 AND status = 'pending'`,
      [storableText(id), status, storable(note)],
    );
  }

  async due(before: Date, limit: number): Promise<readonly DeliveryDispatch[]> {
    return this.database.query<{ deliveryId: string; sequence: number; turn: number }>(
      `SELECT id AS "deliveryId", sequence, turn FROM (
         SELECT id, sequence, received_at,
           row_number() OVER (PARTITION BY project_id ORDER BY received_at, id)::integer AS turn
         FROM deliveries WHERE status = 'pending' AND outbox_at <= $1) AS line
       ORDER BY turn, received_at, id LIMIT $2`,
      [before, limit],
    );
  }

  async closeAnswered(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      `UPDATE deliveries d SET status = 'processed'
       WHERE d.id = ANY ($1) AND d.status = 'pending' AND d.meaning->>'kind' <> 'failed_run' AND NOT EXISTS (
         SELECT FROM incidents i, wanted_of(i)
         WHERE i.id = ANY (d.incident_ids) AND i.verified_by IS NULL AND i.status <> 'ignored')
       RETURNING d.id`,
      [ids.map(storableText)],
    );
    return rows.map(({ id }) => id);
  }

  async markDispatched(ids: readonly string[], now: Date): Promise<void> {
    await this.database.query('UPDATE deliveries SET outbox_at = $2 WHERE id = ANY ($1)', [
      ids.map(storableText),
      now,
    ]);
  }

  async redispatch(ids: readonly string[], now: Date): Promise<readonly Omit<DeliveryDispatch, 'turn'>[]> {
    return this.database.query<{ deliveryId: string; sequence: number }>(
      `UPDATE deliveries SET sequence = sequence + 1, outbox_at = $2 WHERE id = ANY ($1) AND status = 'pending'
       RETURNING id AS "deliveryId", sequence`,
      [ids.map(storableText), now],
    );
  }

  async unknownAttempts(
    projectId: string,
    attempts: readonly { readonly runId: number; readonly attempt: number }[],
  ): Promise<readonly { readonly runId: number; readonly attempt: number }[]> {
    if (!isUuid(projectId)) return attempts;
    const known = await this.database.query<{ runId: number; attempt: number }>(
      `SELECT a.run_id::double precision AS "runId", a.attempt
       FROM run_attempts a JOIN unnest($2::bigint[], $3::integer[]) AS asked (run_id, attempt)
         ON a.run_id = asked.run_id AND a.attempt = asked.attempt
       WHERE a.project_id = $1 AND a.conclusion IS NOT NULL`,
      [projectId, attempts.map(({ runId }) => runId), attempts.map(({ attempt }) => attempt)],
    );
    const told = new Set(known.map(({ runId, attempt }) => `${runId}/${attempt}`));
    return attempts.filter(({ runId, attempt }) => !told.has(`${runId}/${attempt}`));
  }
}

function toDelivery(row: DeliveryEntity): StoredDelivery {
  const { id, event, action, repository, receivedAt, status, note, incidentIds, projectId } = row;
  const meaning = reviveMeaning(row.meaning);
  return { id, event, action, repository, receivedAt, meaning, status, note, incidentIds, projectId };
}
