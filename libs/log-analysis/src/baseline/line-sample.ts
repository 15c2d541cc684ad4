/** Lines kept at most. */
const MAX_SAMPLE = 1_024;

/**
 * An even sample of a stream whose length nobody knows: every line until the sample is full, then every second one,
 * every fourth … The same stream always gives the same sample.
 */
export class LineSample<T> {
  private kept: T[] = [];
  private stride = 1;
  private seen = 0;

  /** Whether the next item is to be added; counts it. */
  wantsNext(): boolean {
    const wanted = this.seen % this.stride === 0;
    this.seen += 1;
    return wanted;
  }

  add(item: T): void {
    this.kept.push(item);
    if (this.kept.length < MAX_SAMPLE) return;
    this.kept = this.kept.filter((_, i) => i % 2 === 0);
    this.stride *= 2;
  }

  get items(): readonly T[] {
    return this.kept;
  }
}
