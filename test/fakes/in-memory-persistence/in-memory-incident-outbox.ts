import type { Dispatch, IncidentOutbox } from '@app/domain';
import type { IncidentRow, MemoryStore } from './store.js';

export class InMemoryIncidentOutbox implements IncidentOutbox {
  constructor(private readonly store: MemoryStore) {}

  async due(before: Date, now: Date, limit: number): Promise<Dispatch[]> {
    const line = [...this.store.incidents.values()]
      .filter((row) => hasWork(row, now) && row.outboxAt <= before)
      .toSorted((a, b) => a.outboxAt.getTime() - b.outboxAt.getTime());
    const served = new Map<string, number>();
    return line
      .map(({ id, sequence, projectId }) => {
        const turn = (served.get(projectId) ?? 0) + 1;
        served.set(projectId, turn);
        return { incidentId: id, sequence, turn };
      })
      .toSorted((a, b) => a.turn - b.turn)
      .slice(0, limit);
  }

  async redispatch(incidentId: string, now: Date): Promise<Dispatch | null> {
    const row = this.store.incidents.get(incidentId);
    if (!row || !hasWork(row, now)) return null;
    row.sequence += 1;
    row.outboxAt = now;
    return { incidentId, sequence: row.sequence };
  }

  async markDispatched(dispatches: readonly Dispatch[], now: Date): Promise<void> {
    for (const { incidentId, sequence } of dispatches) {
      const row = this.store.incidents.get(incidentId);
      if (row?.sequence === sequence) row.outboxAt = now;
    }
  }
}

function hasWork(row: IncidentRow, now: Date): boolean {
  return row.status === 'received' || (row.status === 'diagnosing' && row.claimUntil! <= now);
}
