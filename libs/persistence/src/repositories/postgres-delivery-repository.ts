import {
  sourcesOf,
  type Delivery,
  type DeliveryMeaning,
  type DeliveryRepository,
  type DeliveryStatus,
  type FailedJob,
  type OpenedIncident,
  type RecordedDelivery,
  type StoredDelivery,
} from '@app/domain';
import type { Database } from '../database.js';
import { DeliveryEntity } from '../entities/delivery.entity.js';
import { storable, storableText } from '../storable.js';

/** The statuses that a later failed attempt reopens. */
export const REOPENABLE = sourcesOf('received');

export class PostgresDeliveryRepository implements DeliveryRepository {
  constructor(private readonly database: Database) {}

  async record(delivery: Delivery): Promise<RecordedDelivery> {
    const [row] = await this.database.query<{ result: RecordedDelivery }>(
      'SELECT record_delivery($1, $2, $3) AS result',
      [JSON.stringify(storable(delivery)), this.database.clock.now(), REOPENABLE],
    );
    return row!.result;
  }

  async find(id: string): Promise<StoredDelivery | null> {
    const row = await this.database.entities((manager) =>
      manager.findOneBy(DeliveryEntity, { id: storableText(id) }),
    );
    if (!row) return null;
    const { event, action, repository, receivedAt, status, note, incidentIds } = row;
    const meaning = reviveMeaning(row.meaning);
    return { id: row.id, event, action, repository, receivedAt, meaning, status, note, incidentIds };
  }

  async findNote(incidentId: string): Promise<string | null> {
    const [row] = await this.database.query<{ note: string }>(
      `SELECT note FROM deliveries WHERE incident_ids @> ARRAY[$1::uuid] AND note IS NOT NULL
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
      'SELECT expand_delivery($1, $2, $3, $4, $5, $6) AS opened',
      [
        storableText(id),
        JSON.stringify(storable(jobs)),
        status,
        storable(note),
        this.database.clock.now(),
        REOPENABLE,
      ],
    );
    return row!.opened;
  }

  async takeDue(before: Date, now: Date, limit: number): Promise<{ deliveryId: string; sequence: number }[]> {
    const rows = await this.database.query<{ deliveryId: string; sequence: number }>(
      `WITH due AS (
         SELECT id FROM deliveries WHERE status = 'pending' AND outbox_at <= $1
         ORDER BY received_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
       ), taken AS (
         UPDATE deliveries d SET sequence = sequence + 1, outbox_at = $2 FROM due WHERE d.id = due.id
         RETURNING d.id, d.sequence, d.received_at
       )
       SELECT id AS "deliveryId", sequence FROM taken ORDER BY received_at, id`,
      [before, now, limit],
    );
    return [...rows];
  }
}

/** Times come back from JSON as text. */
function reviveMeaning(meaning: DeliveryMeaning): DeliveryMeaning {
  if (meaning.kind === 'failed_job') {
    return { ...meaning, job: { ...meaning.job, failedAt: new Date(meaning.job.failedAt) } };
  }
  if (meaning.kind === 'failed_run') {
    return { ...meaning, run: { ...meaning.run, failedAt: new Date(meaning.run.failedAt) } };
  }
  return meaning;
}
