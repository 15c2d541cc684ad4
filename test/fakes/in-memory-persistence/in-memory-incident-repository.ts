import {
  IllegalTransition,
  IncidentNotFound,
  InvalidInput,
  canMove,
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
import { openIncident } from './open-incident.js';
import { copy, type IncidentRow, type MemoryStore } from './store.js';

const UUID_LENGTH = 36;

export class InMemoryIncidentRepository implements IncidentRepository {
  constructor(private readonly store: MemoryStore) {}

  async open(jobs: readonly FailedJob[]): Promise<readonly OpenedIncident[]> {
    return jobs.map((job) => openIncident(this.store, job));
  }

  async find(id: string): Promise<Incident | null> {
    const row = this.store.incidents.get(id);
    return row ? toIncident(row) : null;
  }

  async get(id: string): Promise<Incident> {
    return toIncident(this.row(id));
  }

  async list(filter: IncidentFilter, limit: number, cursor: string | null): Promise<Page<Incident>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    const rows = [...this.store.incidents.values()]
      .filter((row) => matches(row, filter))
      .toSorted(newestFirst)
      .filter((row) => after === null || newestFirst(row, after) > 0);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return {
      items: items.map(toIncident),
      nextCursor: last && rows.length > limit ? encodeCursor(last) : null,
    };
  }

  async timeline(id: string): Promise<readonly IncidentEvent[]> {
    return copy(this.store.events.filter((event) => event.incidentId === id));
  }

  async occurrences(id: string): Promise<readonly Occurrence[]> {
    return this.store.occurrences
      .filter((occurrence) => occurrence.incidentId === id)
      .toSorted((a, b) => a.attempt - b.attempt)
      .map(({ incidentId, attempt, jobId, failedAt, fingerprint }) =>
        copy({ incidentId, attempt, jobId, failedAt, fingerprint }),
      );
  }

  async move(
    id: string,
    to: IncidentStatus,
    reason: string,
    facts: Record<string, unknown> = {},
  ): Promise<Dispatch> {
    const row = this.row(id);
    if (!canMove(row.status, to)) throw new IllegalTransition(row.status, to);
    if (to === 'received') this.store.reopen(row, reason, facts);
    else this.store.move(row, to, reason, facts);
    return { incidentId: id, sequence: row.sequence };
  }

  private row(id: string): IncidentRow {
    const row = this.store.incidents.get(id);
    if (!row) throw new IncidentNotFound(id);
    return row;
  }
}

/** Fields of a row that belong to the outbox and the claims, not to the incident. */
const HIDDEN = [
  'sequence',
  'outboxAt',
  'claimToken',
  'claimUntil',
  'rootCause',
  'steps',
  'verifiedAt',
  'reopenedAt',
  'outcomeWeight',
] as const;

export function toIncident(row: IncidentRow): Incident {
  const incident: Partial<IncidentRow> & Incident = copy(row);
  for (const field of HIDDEN) delete incident[field];
  return incident;
}

function newestFirst(a: { openedAt: Date; id: string }, b: { openedAt: Date; id: string }): number {
  return b.openedAt.getTime() - a.openedAt.getTime() || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/** Whether the filter lets the incident through. */
export function matches(row: IncidentRow, filter: IncidentFilter): boolean {
  return (
    isIn(filter.projectIds, row.projectId) &&
    isIn(filter.status, row.status) &&
    isIn(filter.category, row.category) &&
    isIn<string>(filter.severity, row.severity) &&
    isIn<string>(filter.determinism, row.determinism) &&
    (filter.branch === undefined || row.branch === filter.branch) &&
    (filter.headSha === undefined || row.headSha === filter.headSha) &&
    (filter.fingerprint === undefined || row.fingerprint === filter.fingerprint) &&
    (filter.from === undefined || row.openedAt >= filter.from) &&
    (filter.to === undefined || row.openedAt < filter.to) &&
    (filter.text === undefined || containsWords(row, filter.text))
  );
}

function isIn<T>(values: readonly T[] | undefined, value: T | null): boolean {
  return values === undefined || (value !== null && values.includes(value));
}

/** Every word of the text begins a word of the incident's job, workflow, branch or root cause. */
function containsWords(row: IncidentRow, text: string): boolean {
  const own = words([row.jobName, row.workflowName, row.branch, row.rootCause].join(' '));
  return words(text).every((word) => own.some((candidate) => candidate.startsWith(word)));
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function encodeCursor(row: IncidentRow): string {
  return Buffer.from(`${row.openedAt.toISOString()} ${row.id}`).toString('base64url');
}

function decodeCursor(cursor: string): { openedAt: Date; id: string } {
  const [at = '', id] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const openedAt = new Date(at);
  if (id === undefined || id.length !== UUID_LENGTH || Number.isNaN(openedAt.getTime())) {
    throw new InvalidInput('The cursor is not one that a list gave.', { cursor });
  }
  return { openedAt, id };
}
