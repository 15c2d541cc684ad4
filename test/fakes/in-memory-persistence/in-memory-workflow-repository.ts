import { randomUUID } from 'node:crypto';
import {
  IllegalTransition,
  IllegalWorkflowMove,
  InvalidInput,
  WorkflowActive,
  WorkflowNotFound,
  canMove,
  canMoveWorkflow,
  isActiveWorkflow,
  isSameBasis,
  restsOnDiagnosis,
  type NewWorkflow,
  type OutdatedWorkflow,
  type Page,
  type RemediationWorkflow,
  type WorkflowDispatch,
  type WorkflowFilter,
  type WorkflowMove,
  type WorkflowRepository,
  type WorkflowStatus,
  type WorkflowStep,
} from '@app/domain';
import { copy, type MemoryStore, type WorkflowRow } from './store.js';

/** Statuses in which a worker has begun. */
const STARTED: readonly WorkflowStatus[] = ['running', 'verifying'];

export class InMemoryWorkflowRepository implements WorkflowRepository {
  constructor(private readonly store: MemoryStore) {}

  async create(workflow: NewWorkflow): Promise<RemediationWorkflow> {
    const now = this.store.clock.now();
    const ofIncident = [...this.store.workflows.values()].filter(
      ({ incidentId }) => incidentId === workflow.incidentId,
    );
    const gives = ({ status, attempt }: WorkflowRow): boolean =>
      status === 'planned' || (status === 'awaiting_approval' && attempt < workflow.attempt);
    const active = ofIncident.find((row) => isActiveWorkflow(row.status) && !gives(row));
    if (active && isActiveWorkflow(workflow.status)) throw new WorkflowActive(workflow.incidentId, active.id);
    for (const row of ofIncident)
      if (gives(row))
        Object.assign(row, { status: 'cancelled', reason: 'A new plan took its place.', updatedAt: now });
    const row: WorkflowRow = {
      ...copy(workflow),
      id: randomUUID(),
      approvedBy: null,
      verifyUntil: null,
      sequence: 0,
      outboxAt: now,
      createdAt: now,
      updatedAt: now,
    };
    this.store.workflows.set(row.id, row);
    const { status, reason, plannedBy: by } = workflow;
    this.note(row, 'workflow', { workflowId: row.id, status, by, ...(reason === null ? {} : { reason }) });
    return toWorkflow(row);
  }

  async find(id: string): Promise<RemediationWorkflow | null> {
    const row = this.store.workflows.get(id);
    return row ? toWorkflow(row) : null;
  }

  async get(id: string): Promise<RemediationWorkflow> {
    return toWorkflow(this.row(id));
  }

  async list(
    filter: WorkflowFilter,
    limit: number,
    cursor: string | null,
  ): Promise<Page<RemediationWorkflow>> {
    const { projectIds, incidentId, status } = filter;
    const rows = [...this.store.workflows.values()]
      .filter((row) => projectIds?.includes(row.projectId) ?? true)
      .filter((row) => incidentId === undefined || row.incidentId === incidentId)
      .filter((row) => status?.includes(row.status) ?? true)
      .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
    const start = cursor === null ? 0 : rows.findIndex(({ id }) => id === cursor) + 1;
    if (cursor !== null && start === 0) throw new InvalidInput('The cursor is not one that a list gave.');
    const items = rows.slice(start, start + limit);
    return {
      items: items.map(toWorkflow),
      nextCursor: rows.length > start + limit ? items.at(-1)!.id : null,
    };
  }

  async move(
    id: string,
    { to, by, reason, incident, verifyUntil }: WorkflowMove,
  ): Promise<RemediationWorkflow> {
    const row = this.row(id);
    if (!canMoveWorkflow(row.status, to)) throw new IllegalWorkflowMove(id, row.status, to);
    const incidentRow = this.store.incidents.get(row.incidentId)!;
    if (incident !== null && !canMove(incidentRow.status, incident))
      throw new IllegalTransition(incidentRow.status, incident);
    const from = row.status;
    const now = this.store.clock.now();
    Object.assign(row, { status: to, reason, updatedAt: now, verifyUntil: verifyUntil ?? null });
    if (to === 'approved')
      Object.assign(row, { approvedBy: copy(by), outboxAt: now, sequence: row.sequence + 1 });
    const facts = { workflowId: id, by, ...(reason === null ? {} : { reason }) };
    this.note(row, 'workflow', { ...facts, from, status: to });
    if (incident === 'received') this.store.reopen(incidentRow, reason, facts);
    else if (incident !== null) this.store.move(incidentRow, incident, reason, facts);
    return toWorkflow(row);
  }

  async saveStep(id: string, index: number, step: WorkflowStep): Promise<void> {
    const row = this.row(id);
    row.steps = row.steps.with(index, copy(step));
    row.updatedAt = this.store.clock.now();
    this.note(row, 'action', {
      workflowId: id,
      action: step.action.kind,
      state: step.state,
      ...(step.url === null ? {} : { url: step.url }),
      ...(step.note === null ? {} : { note: step.note }),
    });
  }

  async delete(id: string): Promise<void> {
    const row = this.row(id);
    if (isActiveWorkflow(row.status) && row.status !== 'planned')
      throw new IllegalWorkflowMove(id, row.status, 'deleted');
    this.store.workflows.delete(id);
  }

  async takeDue(before: Date, now: Date, limit: number): Promise<readonly WorkflowDispatch[]> {
    return this.take(['approved', 'running'], before, now, limit);
  }

  async redispatch(id: string): Promise<WorkflowDispatch | null> {
    const row = this.store.workflows.get(id);
    if (row?.status !== 'approved' && row?.status !== 'running') return null;
    row.sequence += 1;
    return { workflowId: id, sequence: row.sequence };
  }

  async takeVerifying(before: Date, now: Date, limit: number): Promise<readonly string[]> {
    return this.take(['verifying'], before, now, limit).map(({ workflowId }) => workflowId);
  }

  async overtaken(limit: number): Promise<readonly string[]> {
    return [...this.store.workflows.values()]
      .filter(({ status }) => status === 'planned' || status === 'awaiting_approval')
      .filter(({ incidentId }) => {
        const { status } = this.store.incidents.get(incidentId)!;
        return status === 'resolved' || status === 'ignored';
      })
      .slice(0, limit)
      .map(({ id }) => id);
  }

  async outdated(projectId: string | null, limit: number): Promise<readonly OutdatedWorkflow[]> {
    return [...this.store.workflows.values()]
      .filter(({ status }) => canMoveWorkflow(status, 'cancelled') && !STARTED.includes(status))
      .filter((row) => projectId === null || row.projectId === projectId)
      .filter((row) => restsOnDiagnosis(row.steps) && this.isOutdated(row))
      .slice(0, limit)
      .map(({ id, plannedFrom }) => ({
        workflowId: id,
        isContradicted: this.store.invalidated.has(plannedFrom?.diagnosisId ?? ''),
      }));
  }

  async unplanned(projectIds: readonly string[], since: Date, limit: number): Promise<readonly string[]> {
    const isPlanned = (id: string, attempt: number) =>
      [...this.store.workflows.values()].some(
        (row) =>
          row.incidentId === id &&
          row.attempt === attempt &&
          (row.status !== 'cancelled' || !this.isOutdated(row)),
      );
    return [...this.store.incidents.values()]
      .filter(({ status, source, projectId }) => {
        return status === 'diagnosed' && source === 'github' && projectIds.includes(projectId);
      })
      .filter(({ updatedAt }) => updatedAt >= since)
      .filter(({ id, latestAttempt }) => !isPlanned(id, latestAttempt))
      .slice(0, limit)
      .map(({ id }) => id);
  }

  private take(
    statuses: readonly WorkflowStatus[],
    before: Date,
    now: Date,
    limit: number,
  ): WorkflowDispatch[] {
    const due = [...this.store.workflows.values()]
      .filter(({ status, outboxAt }) => statuses.includes(status) && outboxAt <= before)
      .toSorted((a, b) => a.outboxAt.getTime() - b.outboxAt.getTime())
      .slice(0, limit);
    return due.map((row) => {
      row.outboxAt = now;
      return { workflowId: row.id, sequence: row.sequence };
    });
  }

  private isOutdated({ incidentId, plannedFrom }: WorkflowRow): boolean {
    const shown = this.store.incidents.get(incidentId)!.diagnosisId;
    const diagnosis =
      shown === null || this.store.invalidated.has(shown) ? null : this.store.diagnoses.get(shown)!;
    const inForce = diagnosis && { diagnosisId: diagnosis.id, madeAt: diagnosis.createdAt };
    return !isSameBasis(plannedFrom, inForce);
  }

  private row(id: string): WorkflowRow {
    const row = this.store.workflows.get(id);
    if (!row) throw new WorkflowNotFound(id);
    return row;
  }

  private note(row: WorkflowRow, kind: string, facts: Record<string, unknown>): void {
    this.store.addEvent(row.incidentId, kind, { from: null, to: null }, facts);
  }
}

function toWorkflow(row: WorkflowRow): RemediationWorkflow {
  const { outboxAt: _, ...workflow } = row;
  return copy(workflow);
}
