/** How a call was let through: as any other, or as the one that asks whether the other side answers again. */
export type Admission = 'call' | 'probe';

export interface BreakerBounds {
  readonly failures: number;
  readonly overMs: number;
  /** How long nothing is asked once it broke. */
  readonly askAgainAfterMs: number;
}

/**
 * Breaks when so many calls in a row have failed, over at least so long. Failures that come all at once say nothing of
 * the other side: that is what a pause of this process looks like, which finds every answer late. After a while one
 * call at a time asks again; the others aren't made meanwhile. (A breaker of our own, since it is passed at every hit: docs/decisions/021.)
 */
export class SustainedBreaker {
  private failures = 0;
  private firstAt = 0;
  private brokenAt: number | null = null;
  private probing = false;

  constructor(
    private readonly bounds: BreakerBounds,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Null: the call must not be made. Whoever is let through tells how it went. */
  admit(): Admission | null {
    if (this.brokenAt === null) return 'call';
    if (this.probing || this.now() - this.brokenAt < this.bounds.askAgainAfterMs) return null;
    this.probing = true;
    return 'probe';
  }

  /** Whether that has mended it. */
  succeeded(admission: Admission): boolean {
    this.failures = 0;
    if (admission === 'call') return false;
    this.probing = false;
    this.brokenAt = null;
    return true;
  }

  /** Whether it is broken from now on. */
  failed(admission: Admission): boolean {
    const now = this.now();
    if (this.failures === 0) this.firstAt = now;
    this.failures += 1;
    const lasts = this.failures >= this.bounds.failures && now - this.firstAt >= this.bounds.overMs;
    if (admission === 'probe') this.probing = false;
    // What was under way when it broke doesn't lengthen the pause.
    else if (!lasts || this.brokenAt !== null) return false;
    this.brokenAt = now;
    return true;
  }
}
