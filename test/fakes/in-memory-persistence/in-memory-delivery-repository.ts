import {
  PASSED,
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
import { isCoveredByJobs, openIncident } from './open-incident.js';
import { connectProject, ensureProject, findProject } from './projects.js';
import { noteInstallation } from './installations.js';
import { learnFacts, noteHeads, notePull, noteRun, noteRunAttempt, settle, wantedOf } from './run-facts.js';
import { copy, type DeliveryRow, type IncidentRow, type MemoryStore } from './store.js';

const OPENS_PROJECT = ['failed_job', 'failed_run', 'job', 'run', 'pull_request', 'heads'];

export class InMemoryDeliveryRepository implements DeliveryRepository {
  constructor(private readonly store: MemoryStore) {}

  async record(delivery: Delivery, signer: Signer = { isShared: false }): Promise<RecordedDelivery> {
    const { meaning, repository } = delivery;
    const projectId = !repository
      ? null
      : OPENS_PROJECT.includes(meaning.kind)
        ? ensureProject(this.store, repository).id
        : (findProject(this.store, repository)?.id ?? null);
    const nothing = { pending: null, incidents: [], resolved: [], projectId };
    if (signer.isShared && projectId !== null && this.hasSecrets(projectId))
      return { duplicate: false, refused: true, ...nothing };
    if (projectId !== null) connectProject(this.store, projectId);
    const stored = this.store.deliveries.get(delivery.id);
    if (stored && signer.isReplay !== true) {
      const incidents = stored.incidentIds.map((id) => this.known(id));
      return { ...nothing, duplicate: true, refused: false, incidents };
    }
    const row: DeliveryRow = {
      delivery: copy({ ...stored?.delivery, ...delivery }),
      status:
        meaning.kind === 'failed_run' ? 'pending' : meaning.kind === 'ignored' ? 'ignored' : 'processed',
      note: meaning.kind === 'ignored' ? meaning.reason : null,
      incidentIds: stored?.incidentIds ?? [],
      projectId,
      sequence: stored?.sequence ?? 0,
      outboxAt: stored ? this.store.clock.now() : delivery.receivedAt,
    };
    this.store.deliveries.set(delivery.id, row);
    const { incidents, resolved, touched } = this.apply(delivery, projectId!);
    const ids = new Set([...touched.map(({ id }) => id), ...resolved.map(({ incidentId }) => incidentId)]);
    const wants = ['failed_job', 'job', 'run'].includes(meaning.kind);
    if (wants && touched.some((incident) => wantedOf(this.store, incident).length > 0))
      row.status = 'pending';
    if (row.status === 'pending' || ids.size > 0) row.incidentIds = [...ids].toSorted();
    const pending = row.status === 'pending' ? { turn: this.turnOf(projectId) } : null;
    return { duplicate: false, refused: false, pending, incidents, resolved, projectId };
  }

  async find(id: string): Promise<StoredDelivery | null> {
    const row = this.store.deliveries.get(id);
    return row ? shown(row) : null;
  }

  async list(filter: DeliveryFilter, limit: number, cursor: string | null): Promise<Page<StoredDelivery>> {
    const rows = [...this.store.deliveries.values()]
      .filter(
        (row) =>
          (filter.projectIds?.includes(row.projectId ?? '') ?? true) &&
          (filter.status?.includes(row.status) ?? true) &&
          (filter.event === undefined || filter.event === row.delivery.event),
      )
      .toSorted(
        (a, b) =>
          b.delivery.receivedAt.getTime() - a.delivery.receivedAt.getTime() ||
          (a.delivery.id < b.delivery.id ? 1 : -1),
      );
    const start = cursor === null ? 0 : rows.findIndex(({ delivery }) => delivery.id === cursor) + 1;
    const items = rows.slice(start, start + limit);
    const isEnd = start + limit >= rows.length;
    return { items: items.map(shown), nextCursor: isEnd ? null : items.at(-1)!.delivery.id };
  }

  async findPayload(id: string): Promise<Readonly<Record<string, unknown>> | null> {
    return copy(this.store.deliveries.get(id)?.delivery.payload ?? null);
  }

  async findNote(incidentId: string): Promise<string | null> {
    const noted = [...this.store.deliveries.values()].filter(
      ({ incidentIds, note, delivery }) =>
        incidentIds.includes(incidentId) && note !== null && delivery.meaning.kind.startsWith('failed_'),
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
    row.note = note;
    row.incidentIds = opened.map(({ incidentId }) => incidentId);
    settle(this.store, this.rowsOf(row.incidentIds));
    row.status = this.wantedOf(row).length > 0 ? 'pending' : status;
    return opened;
  }

  async wanted(id: string): Promise<readonly WantedRun[]> {
    const row = this.store.deliveries.get(id);
    return row?.status === 'pending' ? this.wantedOf(row) : [];
  }

  async learn(facts: RunFacts): Promise<readonly ResolvedIncident[]> {
    return learnFacts(this.store, facts);
  }

  async close(id: string, status: Exclude<DeliveryStatus, 'pending'>, note: string | null): Promise<void> {
    const row = this.store.deliveries.get(id);
    if (row?.status === 'pending') Object.assign(row, { status, note: note ?? row.note });
  }

  async due(before: Date, limit: number): Promise<readonly DeliveryDispatch[]> {
    const line = [...this.store.deliveries.values()]
      .filter((row) => row.status === 'pending' && row.outboxAt <= before)
      .toSorted((a, b) => a.delivery.receivedAt.getTime() - b.delivery.receivedAt.getTime());
    const served = new Map<string | null, number>();
    const due = line.map((row) => {
      const turn = (served.get(row.projectId) ?? 0) + 1;
      served.set(row.projectId, turn);
      return { deliveryId: row.delivery.id, sequence: row.sequence, turn };
    });
    return due.toSorted((a, b) => a.turn - b.turn).slice(0, limit);
  }

  async closeAnswered(ids: readonly string[]): Promise<readonly string[]> {
    const answered = this.pendingOf(ids).filter(
      (row) => row.delivery.meaning.kind !== 'failed_run' && this.wantedOf(row).length === 0,
    );
    for (const row of answered) row.status = 'processed';
    return answered.map(({ delivery }) => delivery.id);
  }

  async markDispatched(ids: readonly string[], now: Date): Promise<void> {
    for (const row of this.pendingOf(ids)) row.outboxAt = now;
  }

  async redispatch(ids: readonly string[], now: Date): Promise<readonly Omit<DeliveryDispatch, 'turn'>[]> {
    await this.markDispatched(ids, now);
    return this.pendingOf(ids).map((row) => {
      row.sequence += 1;
      return { deliveryId: row.delivery.id, sequence: row.sequence };
    });
  }

  async unknownAttempts(
    projectId: string,
    attempts: readonly { readonly runId: number; readonly attempt: number }[],
  ): Promise<readonly { readonly runId: number; readonly attempt: number }[]> {
    return attempts.filter(
      ({ runId, attempt }) => !this.store.runAttempts.has(`${projectId}/${runId}/${attempt}`),
    );
  }

  private apply(
    { meaning }: Delivery,
    projectId: string,
  ): { incidents: OpenedIncident[]; resolved: ResolvedIncident[]; touched: IncidentRow[] } {
    const { store } = this;
    const nothing = { incidents: [], resolved: [], touched: [] };
    switch (meaning.kind) {
      case 'failed_job': {
        const opened = openIncident(store, meaning.job);
        const touched = this.rowsOf([opened.incidentId]);
        return { incidents: [opened], touched, resolved: settle(store, touched) };
      }
      case 'failed_run':
        noteRun(store, projectId, meaning.run);
        noteRunAttempt(store, projectId, { ...meaning.run, endedAt: meaning.run.failedAt });
        return nothing;
      case 'job':
        return {
          incidents: [],
          resolved: learnFacts(store, { runs: [], jobs: [meaning.job], listed: [] }),
          touched: meaning.job.conclusion === PASSED ? this.provableBy(projectId, meaning.job) : [],
        };
      case 'run':
        return {
          incidents: [],
          resolved: learnFacts(store, { runs: [meaning.run], jobs: [], listed: [] }),
          touched: meaning.run.conclusion === PASSED ? this.provableBy(projectId, meaning.run) : [],
        };
      case 'pull_request':
        return { ...nothing, touched: notePull(store, projectId, meaning.pull) };
      case 'heads':
        noteHeads(store, projectId, meaning.head);
        return nothing;
      case 'installation':
        noteInstallation(store, meaning.installation);
        return nothing;
      default:
        return nothing;
    }
  }

  /** Incidents for which a passing attempt may want something of the CI system. */
  private provableBy(projectId: string, passed: { runId: number; jobName?: string }): IncidentRow[] {
    return [...this.store.incidents.values()].filter(
      (row) =>
        row.projectId === projectId &&
        (passed.jobName === undefined || row.jobName === passed.jobName) &&
        wantedOf(this.store, row).some((run) => run.runId === passed.runId || run.attempt === null),
    );
  }

  private wantedOf(row: DeliveryRow): WantedRun[] {
    const wanted = this.rowsOf(row.incidentIds).flatMap((incident) => wantedOf(this.store, incident));
    const byRun = new Map(wanted.map((run) => [`${run.runId}/${run.attempt}`, run]));
    return [...byRun.values()].toSorted((a, b) => a.runId - b.runId || (a.attempt ?? 0) - (b.attempt ?? 0));
  }

  private pendingOf(ids: readonly string[]): DeliveryRow[] {
    return ids.flatMap((id) => {
      const row = this.store.deliveries.get(id);
      return row?.status === 'pending' ? [row] : [];
    });
  }

  private rowsOf(ids: readonly string[]): IncidentRow[] {
    return ids.map((id) => this.store.incidents.get(id)!);
  }

  private hasSecrets(projectId: string): boolean {
    const now = this.store.clock.now();
    return this.store.webhookSecrets.some(
      (secret) => secret.projectId === projectId && (secret.expiresAt === null || secret.expiresAt > now),
    );
  }

  private turnOf(projectId: string | null): number {
    const waiting = [...this.store.deliveries.values()].filter(
      (row) => row.projectId === projectId && row.status === 'pending',
    );
    return Math.min(200, Math.max(1, waiting.length));
  }

  private known(incidentId: string): OpenedIncident {
    return { incidentId, sequence: this.store.incidents.get(incidentId)!.sequence, outcome: 'known' };
  }
}

function shown(row: DeliveryRow): StoredDelivery {
  const { payload: _, ...delivery } = row.delivery;
  const { status, note, incidentIds, projectId } = row;
  return copy({ ...delivery, status, note, incidentIds, projectId });
}
