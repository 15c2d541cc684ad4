import type { Log } from '@app/domain';

/** What one part of the product wants to be in the cache before it is asked for. */
export interface WarmUpSource {
  /** For logs: `active_agents`. */
  readonly name: string;
  /** Reads that go through the cache; what is cached already costs them nothing. */
  reads(): Promise<readonly (() => Promise<unknown>)[]>;
}

/** Reads made at once: a start must not be a storm for the database. */
const CONCURRENCY = 4;

/**
 * Fills the cache at start and on request, by reading what people are going to read. Of many processes that start
 * together one loads an entry; a source that fails is told of, and the others go on.
 */
export class WarmUp {
  constructor(private readonly log: Log) {}

  /** How many reads were made. Never throws. */
  async run(sources: readonly WarmUpSource[]): Promise<number> {
    const startedAt = performance.now();
    let read = 0;
    for (const source of sources) read += await this.from(source);
    const tookMs = Math.round(performance.now() - startedAt);
    this.log.info({ read, sources: sources.length, tookMs }, 'cache_warmed');
    return read;
  }

  private async from(source: WarmUpSource): Promise<number> {
    let done = 0;
    try {
      const waiting = [...(await source.reads())];
      const lane = async (): Promise<void> => {
        for (let read = waiting.shift(); read !== undefined; read = waiting.shift()) {
          await read();
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    } catch (error) {
      this.log.warn({ source: source.name, error: (error as Error).message }, 'cache_warm_up_failed');
    }
    return done;
  }
}
