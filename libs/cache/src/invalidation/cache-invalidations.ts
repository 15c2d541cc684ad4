import type { Cache, CacheOperation, Invalidations, Log } from '@app/domain';

/** Lists and figures: an hour of failures would otherwise drop them at each. */
const AT_MOST_EVERY_MS = 1_000;

const OF_INCIDENTS = ['facets', 'search', 'stats', 'analytics'] as const satisfies readonly CacheOperation[];
const OF_EXAMPLES = [
  'vector.search',
  'vector.resolved',
  'vector.recent',
] as const satisfies readonly CacheOperation[];

/** Drops what the cache holds of incidents and of what is found beside them. The cache tells the other processes. */
export class CacheInvalidations implements Invalidations {
  private droppedAt = -Infinity;
  private waiting: NodeJS.Timeout | null = null;

  constructor(
    private readonly cache: Cache,
    private readonly log: Log,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The first change is told at once, those of the next second together at its end. */
  incidentsChanged(): void {
    if (this.waiting !== null) return;
    const inMs = this.droppedAt + AT_MOST_EVERY_MS - this.now();
    if (inMs <= 0) return void this.dropIncidents();
    this.waiting = setTimeout(() => void this.dropIncidents(), inMs);
  }

  async examplesChanged(): Promise<void> {
    await this.drop(OF_EXAMPLES);
  }

  /** Tells what still waits. */
  async close(): Promise<void> {
    if (this.waiting !== null) await this.dropIncidents();
  }

  private async dropIncidents(): Promise<void> {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    this.droppedAt = this.now();
    await this.drop(OF_INCIDENTS);
  }

  private async drop(operations: readonly CacheOperation[]): Promise<void> {
    try {
      await Promise.all(operations.map((operation) => this.cache.deleteByPattern(operation, '*')));
    } catch (error) {
      this.log.warn({ operations, error: (error as Error).message }, 'cache_invalidation_failed');
    }
  }
}
