import type { IBreaker } from 'cockatiel';

/**
 * Breaks when so many calls in a row have failed, over at least so long. Failures that come all at once say nothing of
 * the other side: that is what a pause of this process looks like, which finds every answer late.
 */
export class SustainedBreaker implements IBreaker {
  private failures = 0;
  private firstAt = 0;

  constructor(
    private readonly bounds: { readonly failures: number; readonly overMs: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  get state(): unknown {
    return this.failures;
  }

  set state(failures: unknown) {
    this.failures = failures as number;
  }

  success(): void {
    this.failures = 0;
  }

  failure(): boolean {
    const now = this.now();
    if (this.failures === 0) this.firstAt = now;
    this.failures += 1;
    return this.failures >= this.bounds.failures && now - this.firstAt >= this.bounds.overMs;
  }
}
