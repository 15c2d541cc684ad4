import type { Cache, CacheKey, Log } from '@app/domain';

/** What one part of the product wants to be in the cache before it is asked for. */
export interface WarmUpSource {
  /** For logs: `active_agents`. */
  readonly name: string;
  /** The entries, each with the lifetime it is to have if not its policy's. */
  entries(): Promise<readonly WarmEntry[]>;
}

export interface WarmEntry {
  readonly key: CacheKey;
  readonly load: () => Promise<unknown>;
  readonly ttlMs?: number;
}

/** Entries loaded at once: a start must not be a storm for the database. */
const CONCURRENCY = 4;

/**
 * Fills the cache at start and on request. What is cached already is left alone, so that of many processes that start
 * together one does the work; a source that fails is told of, and the others go on.
 */
export class WarmUp {
  constructor(
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  /** Answers how many entries were loaded. Never throws. */
  async run(sources: readonly WarmUpSource[]): Promise<number> {
    const startedAt = performance.now();
    let loaded = 0;
    for (const source of sources) loaded += await this.from(source);
    const tookMs = Math.round(performance.now() - startedAt);
    this.log.info({ loaded, sources: sources.length, tookMs }, 'cache_warmed');
    return loaded;
  }

  private async from(source: WarmUpSource): Promise<number> {
    let loaded = 0;
    try {
      const waiting = [...(await source.entries())];
      const lane = async (): Promise<void> => {
        for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
          const { key, load, ttlMs } = entry;
          const { outcome } = await this.cache.getOrLoad(key, load, { ttlMs });
          if (outcome === 'miss') loaded += 1;
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    } catch (error) {
      this.log.warn({ source: source.name, error: (error as Error).message }, 'cache_warm_up_failed');
    }
    return loaded;
  }
}
