import type { WarmUp, WarmUpSource } from '@app/cache';

export interface WarmUpSources {
  /** What everybody asks for first. */
  readonly atStart: readonly WarmUpSource[];
  /** What is dearer to load, and loaded when somebody asks for it. */
  readonly onRequest: readonly WarmUpSource[];
}

/** Fills the cache with what every part of the product is going to be asked for. */
export class WarmCache {
  constructor(
    private readonly warmUp: WarmUp,
    private readonly sources: WarmUpSources,
  ) {}

  /**
   * How many reads were made. Never throws.
   * @param besides what the process that asks has to say for its own part
   */
  run(when: 'at_start' | 'on_request', besides: readonly WarmUpSource[] = []): Promise<number> {
    const { atStart, onRequest } = this.sources;
    return this.warmUp.run([...atStart, ...besides, ...(when === 'at_start' ? [] : onRequest)]);
  }
}
