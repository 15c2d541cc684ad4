import type { Cache, CacheOperation, Log, Project } from '@app/domain';
import { dropRepository } from './drop-repository.js';

/** Lists, facets and figures over all incidents: dropped together, since any incident is in them. */
const OVERVIEWS: readonly CacheOperation[] = ['facets', 'search', 'stats', 'analytics'];
const VECTORS: readonly CacheOperation[] = ['vector.search', 'vector.resolved', 'vector.recent'];

/** A burst of incidents drops the overviews this often at most. */
const OVERVIEWS_EVERY_MS = 1_000;

/**
 * Drops what is cached about incidents when they change, after the change is committed. Nobody waits for it, and a cache
 * in trouble is none of the caller's: its entries end by themselves.
 */
export class InvalidateViews {
  private lastDrop = -Infinity;
  private waiting: NodeJS.Timeout | null = null;
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly cache: Cache,
    private readonly log: Log,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Incidents were opened, diagnosed, resolved, or otherwise moved. */
  incidentsChanged(): void {
    const dueIn = this.lastDrop + OVERVIEWS_EVERY_MS - this.now();
    if (dueIn <= 0) this.dropOverviews();
    else if (this.waiting === null) this.waiting = setTimeout(() => this.dropOverviews(), dueIn);
  }

  /** A project's settings or secrets were changed: what GitHub told of its repository is asked for anew, too. */
  projectChanged({ id, repository }: Pick<Project, 'id' | 'repository'>): void {
    this.drop(this.cache.deleteByPattern('project', `${id}:*`));
    this.drop(dropRepository(this.cache, repository));
    this.drop(this.cache.deleteByPattern('stats', '*'));
  }

  /** A repair was proven, or an incident reopened, ignored or resolved by hand: what similar ones teach has changed. */
  resolutionsChanged(): void {
    for (const operation of VECTORS) this.drop(this.cache.deleteByPattern(operation, '*'));
  }

  /** Incidents were deleted: no answer may name them any more. */
  incidentsForgotten(): void {
    this.incidentsChanged();
    this.resolutionsChanged();
  }

  /** Does what still waits, and resolves when it is done. */
  async close(): Promise<void> {
    if (this.waiting !== null) this.dropOverviews();
    await Promise.allSettled(this.running);
  }

  private dropOverviews(): void {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    this.lastDrop = this.now();
    for (const operation of OVERVIEWS) this.drop(this.cache.deleteByPattern(operation, '*'));
  }

  private drop(dropping: Promise<unknown>): void {
    const done = dropping.catch((error: unknown) =>
      this.log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'view_invalidation_failed',
      ),
    );
    this.running.add(done);
    void done.finally(() => this.running.delete(done));
  }
}
