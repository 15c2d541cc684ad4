/** Samples that are looked at: a few seconds' worth. */
const SAMPLES = 20;

/**
 * What time it is at Redis, guessed from answers that told it. The guess is never ahead of the truth by more than the
 * clocks drift in a few seconds, so that a write is given up too early rather than carried out too late.
 */
export class RedisClock {
  private readonly offsets: number[] = [];
  private offset = Number.NEGATIVE_INFINITY;

  /** @param now a clock that never goes back, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param redisMs what Redis said, after `sentAt` and before now */
  observe(redisMs: number, sentAt: number): void {
    // Redis told the time at some moment since; if at the last, its clock shows the least.
    const receivedAt = this.now();
    this.offsets.push(redisMs - receivedAt);
    if (this.offsets.length > SAMPLES) this.offsets.shift();
    // The quickest answer gives the best guess, which is the greatest; a clock that was set back shows within SAMPLES.
    const best = Math.max(...this.offsets);
    // Redis shows whole milliseconds: the true time is up to one later.
    if (best > redisMs + 1 - sentAt) this.offsets.splice(0, this.offsets.length - 1);
    this.offset = Math.max(...this.offsets);
  }

  /** The moment `withinMs` from now, as Redis' clock will show it. */
  notAfter(withinMs: number): string {
    return Number.isFinite(this.offset) ? `${Math.round(this.now() + this.offset + withinMs)}` : '0';
  }
}
