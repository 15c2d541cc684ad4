import type {
  BackgroundJob,
  BackgroundJobs,
  BackgroundJobState,
  JobHold,
  Page,
  ProjectScope,
} from '@app/domain';
import { pageOf } from './page.js';
import { copy, type MemoryStore } from './store.js';

export class InMemoryBackgroundJobs implements BackgroundJobs {
  constructor(private readonly store: MemoryStore) {}

  async find(id: string): Promise<BackgroundJob | null> {
    return copy(this.store.backgroundJobs.get(id) ?? null);
  }

  async list(
    filter: { readonly projectIds: ProjectScope; readonly state?: BackgroundJobState },
    limit: number,
    cursor: string | null,
  ): Promise<Page<BackgroundJob>> {
    const rows = [...this.store.backgroundJobs.values()].filter(
      ({ projectId, state }) =>
        (projectId === null || filter.projectIds === null || filter.projectIds.includes(projectId)) &&
        (filter.state === undefined || state === filter.state),
    );
    return pageOf(rows, limit, cursor);
  }

  async begin(id: string, sequence: number): Promise<BackgroundJob | null> {
    const job = this.open(id, sequence);
    if (!job) return null;
    return this.write(job, {
      state: 'running',
      attempts: job.attempts + 1,
      startedAt: job.startedAt ?? this.store.clock.now(),
    });
  }

  async postpone({ id, sequence }: JobHold, error: string): Promise<void> {
    const job = this.open(id, sequence);
    if (job) this.write(job, { state: 'queued', error });
  }

  async fail({ id, sequence }: JobHold, error: string): Promise<void> {
    const job = this.open(id, sequence);
    if (job) this.end(job, 'failed', error);
  }

  async cancel(id: string): Promise<BackgroundJob | null> {
    const job = this.open(id);
    return job ? this.end(job, 'cancelled', job.error) : null;
  }

  async retry(id: string): Promise<BackgroundJob | null> {
    const job = this.store.backgroundJobs.get(id);
    if (job?.state !== 'failed' && job?.state !== 'cancelled') return null;
    Object.assign(this.store.documents.get(job.documentId)!, { status: 'pending' });
    const { sequence } = job;
    return this.write(job, {
      state: 'queued',
      error: null,
      attempts: 0,
      finishedAt: null,
      sequence: sequence + 1,
    });
  }

  async due(before: Date, limit: number): Promise<readonly BackgroundJob[]> {
    return [...this.store.backgroundJobs.values()]
      .filter(({ id, updatedAt }) => this.open(id) && updatedAt < before)
      .toSorted((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime())
      .slice(0, limit)
      .map(copy);
  }

  async redispatch(id: string, isHeld: boolean): Promise<BackgroundJob | null> {
    const job = this.open(id);
    return job ? this.write(job, { sequence: job.sequence + (isHeld ? 0 : 1) }) : null;
  }

  async removeEnded(before: Date): Promise<number> {
    const ended = [...this.store.backgroundJobs.values()].filter(
      ({ finishedAt }) => finishedAt !== null && finishedAt < before,
    );
    for (const { id, documentId, state } of ended) {
      this.store.backgroundJobs.delete(id);
      if (state === 'done') continue;
      this.store.documents.delete(documentId);
      this.store.passages.delete(documentId);
    }
    return ended.length;
  }

  private open(id: string, sequence?: number) {
    const job = this.store.backgroundJobs.get(id);
    if (job?.state !== 'queued' && job?.state !== 'running') return null;
    return sequence === undefined || job.sequence === sequence ? job : null;
  }

  private end(job: BackgroundJob, state: 'failed' | 'cancelled', error: string | null): BackgroundJob {
    Object.assign(this.store.documents.get(job.documentId)!, { status: state });
    return this.write(job, { state, error, finishedAt: this.store.clock.now() });
  }

  private write(job: BackgroundJob, changes: Partial<BackgroundJob>): BackgroundJob {
    return copy(Object.assign(job, { updatedAt: this.store.clock.now(), ...changes }));
  }
}
