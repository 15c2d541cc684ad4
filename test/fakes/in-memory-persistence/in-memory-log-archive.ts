import { IncidentNotFound, type ArchivedLog, type LogArchive } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryLogArchive implements LogArchive {
  constructor(private readonly store: MemoryStore) {}

  async save(log: ArchivedLog): Promise<void> {
    if (!this.store.incidents.has(log.incidentId)) throw new IncidentNotFound(log.incidentId);
    const savedAt = this.store.clock.now();
    const gzip = new Uint8Array(log.gzip);
    this.store.logs.set(`${log.incidentId}:${log.attempt}`, copy({ ...log, gzip, savedAt }));
  }

  async find(incidentId: string, attempt: number): Promise<ArchivedLog | null> {
    const found = this.store.logs.get(`${incidentId}:${attempt}`);
    if (!found) return null;
    const { savedAt: _, ...log } = found;
    return copy(log);
  }
}
