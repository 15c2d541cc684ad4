import type {
  Delivery,
  DeliveryRepository,
  DeliveryStatus,
  FailedJob,
  OpenedIncident,
  RecordedDelivery,
  StoredDelivery,
} from '@app/domain';
import { ensureProject, isCoveredByJobs, openIncident } from './open-incident.js';
import { copy, type MemoryStore } from './store.js';

export class InMemoryDeliveryRepository implements DeliveryRepository {
  constructor(private readonly store: MemoryStore) {}

  async record(delivery: Delivery): Promise<RecordedDelivery> {
    const stored = this.store.deliveries.get(delivery.id);
    if (stored) {
      return { duplicate: true, incidents: stored.incidentIds.map((id) => this.known(id)) };
    }
    const { meaning } = delivery;
    if (meaning.kind === 'failed_run') ensureProject(this.store, meaning.run.repository);
    const incidents = meaning.kind === 'failed_job' ? [openIncident(this.store, meaning.job)] : [];
    this.store.deliveries.set(delivery.id, {
      delivery: copy(delivery),
      status: { failed_job: 'processed', failed_run: 'pending', ignored: 'ignored' }[
        meaning.kind
      ] as DeliveryStatus,
      note: meaning.kind === 'ignored' ? meaning.reason : null,
      incidentIds: incidents.map(({ incidentId }) => incidentId),
      sequence: 0,
      outboxAt: delivery.receivedAt,
    });
    return { duplicate: false, incidents };
  }

  async find(id: string): Promise<StoredDelivery | null> {
    const row = this.store.deliveries.get(id);
    if (!row) return null;
    return copy({ ...row.delivery, status: row.status, note: row.note, incidentIds: row.incidentIds });
  }

  async findNote(incidentId: string): Promise<string | null> {
    const noted = [...this.store.deliveries.values()].filter(
      ({ incidentIds, note }) => incidentIds.includes(incidentId) && note !== null,
    );
    const latest = noted.toSorted(
      (a, b) => b.delivery.receivedAt.getTime() - a.delivery.receivedAt.getTime(),
    )[0];
    return latest?.note ?? null;
  }

  async expand(
    id: string,
    jobs: readonly FailedJob[],
    status: Exclude<DeliveryStatus, 'pending'>,
    note: string | null,
  ): Promise<readonly OpenedIncident[]> {
    const row = this.store.deliveries.get(id);
    if (row?.status !== 'pending') return [];
    const opened = jobs
      .filter((job) => !isCoveredByJobs(this.store, job))
      .map((job) => openIncident(this.store, job));
    Object.assign(row, { status, note, incidentIds: opened.map(({ incidentId }) => incidentId) });
    return opened;
  }

  async takeDue(before: Date, now: Date, limit: number): Promise<{ deliveryId: string; sequence: number }[]> {
    const due = [...this.store.deliveries.values()]
      .filter((row) => row.status === 'pending' && row.outboxAt <= before)
      .toSorted((a, b) => a.delivery.receivedAt.getTime() - b.delivery.receivedAt.getTime())
      .slice(0, limit);
    return due.map((row) => {
      row.sequence += 1;
      row.outboxAt = now;
      return { deliveryId: row.delivery.id, sequence: row.sequence };
    });
  }

  private known(incidentId: string): OpenedIncident {
    return { incidentId, sequence: this.store.incidents.get(incidentId)!.sequence, outcome: 'known' };
  }
}
