import { randomUUID } from 'node:crypto';
import {
  ClaimLost,
  WORKING_STATUSES,
  type ActionBegin,
  type ActionClaim,
  type ActionLedger,
  type ActionRecord,
  type ActionStart,
} from '@app/domain';
import { copy, type ActionRow, type MemoryStore } from './store.js';

export class InMemoryActionLedger implements ActionLedger {
  constructor(private readonly store: MemoryStore) {}

  async begin(start: ActionStart, leaseMs: number): Promise<ActionBegin> {
    const now = this.store.clock.now();
    const held = [...this.store.actions.values()].find(
      ({ projectId, key }) => projectId === start.projectId && key === start.key,
    );
    if (held) {
      if (held.claimUntil !== null && held.claimUntil > now)
        return { outcome: 'busy', until: new Date(held.claimUntil) };
      const isCurrent = !start.updatable || held.payloadHash === start.payloadHash;
      if (held.state === 'done' && isCurrent) return { outcome: 'done', record: toRecord(held) };
      const { payloadHash, incidentId, workflowId } = start;
      Object.assign(held, { payloadHash, incidentId, workflowId, error: null, finishedAt: null });
      return this.claim(held, leaseMs);
    }
    const day = now.toISOString().slice(0, 10);
    const used = (kind: string) => this.store.actionUse.get(`${start.projectId} ${day} ${kind}`) ?? 0;
    for (const [scope, kind] of [
      ['all', 'all'],
      ['each', start.kind],
    ] as const) {
      const limit = start.dailyLimits[scope];
      if (used(kind) >= limit) return { outcome: 'limited', scope, limit };
    }
    for (const kind of ['all', start.kind])
      this.store.actionUse.set(`${start.projectId} ${day} ${kind}`, used(kind) + 1);
    const { projectId, key, kind, incidentId, workflowId, payloadHash } = start;
    const row: ActionRow = {
      id: randomUUID(),
      projectId,
      key,
      kind,
      incidentId,
      workflowId,
      payloadHash,
      state: 'started',
      remoteId: null,
      url: null,
      error: null,
      startedAt: now,
      finishedAt: null,
      claimToken: null,
      claimUntil: null,
    };
    this.store.actions.set(row.id, row);
    return this.claim(row, leaseMs);
  }

  async renew(claim: ActionClaim, leaseMs: number): Promise<void> {
    this.held(claim).claimUntil = this.until(leaseMs);
  }

  async done(claim: ActionClaim, effect: { remoteId: string; url: string | null }): Promise<void> {
    const row = this.held(claim);
    const { remoteId, url } = effect;
    Object.assign(row, { state: 'done', remoteId, url, error: null, ...this.ended() });
  }

  async failed(claim: ActionClaim, state: 'failed' | 'unknown', error: string): Promise<void> {
    Object.assign(this.held(claim), { state, error, ...this.ended() });
  }

  async find(projectId: string, key: string): Promise<ActionRecord | null> {
    const row = [...this.store.actions.values()].find(
      (each) => each.projectId === projectId && each.key === key,
    );
    return row ? toRecord(row) : null;
  }

  async unsettled(before: Date, limit: number): Promise<readonly ActionRecord[]> {
    const isDue = ({ state, finishedAt, claimUntil, workflowId }: ActionRow): boolean => {
      const workflow = this.store.workflows.get(workflowId ?? '');
      if (!workflow || WORKING_STATUSES.includes(workflow.status)) return false;
      const since = state === 'unknown' ? finishedAt : state === 'started' ? claimUntil : null;
      return since !== null && since <= before;
    };
    const rows = [...this.store.actions.values()].filter(isDue);
    return rows
      .toSorted((a, b) => lookedAt(a) - lookedAt(b))
      .slice(0, limit)
      .map(toRecord);
  }

  async outdatedComments(since: Date, limit: number): Promise<readonly ActionRecord[]> {
    const isOutdated = ({ kind, state, finishedAt, incidentId }: ActionRow): boolean => {
      if (kind !== 'comment' || state !== 'done' || finishedAt === null || finishedAt < since) return false;
      const told = this.store.incidents.get(incidentId ?? '');
      return [...this.store.incidents.values()].some(
        ({ id, projectId, headSha, status, updatedAt }) =>
          told !== undefined &&
          projectId === told.projectId &&
          (id === told.id || (headSha !== null && headSha === told.headSha)) &&
          (status === 'resolved' || status === 'ignored') &&
          updatedAt > finishedAt,
      );
    };
    const rows = [...this.store.actions.values()].filter(isOutdated);
    return rows
      .toSorted((a, b) => lookedAt(a) - lookedAt(b))
      .slice(0, limit)
      .map(toRecord);
  }

  async lookedAt(id: string): Promise<void> {
    const row = this.store.actions.get(id);
    const now = this.store.clock.now();
    const isLost = row?.state === 'started' && row.claimUntil !== null && row.claimUntil <= now;
    if (row && (row.state === 'unknown' || row.state === 'done' || isLost)) row.finishedAt = now;
  }

  async ofIncident(incidentId: string): Promise<readonly ActionRecord[]> {
    return [...this.store.actions.values()].filter((row) => row.incidentId === incidentId).map(toRecord);
  }

  private claim(row: ActionRow, leaseMs: number): ActionBegin {
    row.state = 'started';
    row.claimToken = randomUUID();
    row.claimUntil = this.until(leaseMs);
    return { outcome: 'begun', claim: { record: toRecord(row), token: row.claimToken } };
  }

  private held({ record, token }: ActionClaim): ActionRow {
    const row = this.store.actions.get(record.id);
    if (row?.claimToken !== token) throw new ClaimLost(record.incidentId ?? record.id);
    return row;
  }

  private ended() {
    return { claimToken: null, claimUntil: null, finishedAt: this.store.clock.now() };
  }

  private until(leaseMs: number): Date {
    return new Date(this.store.clock.now().getTime() + leaseMs);
  }
}

function lookedAt({ finishedAt, startedAt }: ActionRow): number {
  return (finishedAt ?? startedAt).getTime();
}

function toRecord(row: ActionRow): ActionRecord {
  const { claimToken: _token, claimUntil: _until, ...record } = row;
  return copy(record);
}
