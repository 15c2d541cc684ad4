import type { Cache, CacheOperation, Log } from '@app/domain';

/** Lists and figures: an hour of failures would otherwise drop them at each. */
const AT_MOST_EVERY_MS = 1_000;

const OF_INCIDENTS = ['facets', 'search', 'stats', 'analytics'] as const satisfies readonly CacheOperation[];

/** Drops lists, counts and totals of incidents. The cache tells the other processes. */
export class CacheInvalidations {
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

  /** Tells what still waits. */
  async close(): Promise<void> {
    if (this.waiting !== null) await this.dropIncidents();
  }

  private async dropIncidents(): Promise<void> {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    this.droppedAt = this.now();
    try {
      await Promise.all(OF_INCIDENTS.map((operation) => this.cache.deleteByPattern(operation, '*')));
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, 'cache_invalidation_failed');
    }
  }
}
