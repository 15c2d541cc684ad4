import { IncidentNotFound, type ArchivedLog, type LogArchive } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryLogArchive implements LogArchive {
  constructor(private readonly store: MemoryStore) {}

  async save(log: ArchivedLog): Promise<void> {
    if (!this.store.incidents.has(log.incidentId)) throw new IncidentNotFound(log.incidentId);
    this.store.logs.set(`${log.incidentId}:${log.attempt}`, copy({ ...log, gzip: new Uint8Array(log.gzip) }));
  }

  async find(incidentId: string, attempt: number): Promise<ArchivedLog | null> {
    return copy(this.store.logs.get(`${incidentId}:${attempt}`) ?? null);
  }
}
