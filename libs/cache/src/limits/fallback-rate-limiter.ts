import { InvalidInput, type RateLimit, type RateLimitDecision, type RateLimiter } from '@app/domain';

/** Asks the shared limiter, and the process's own while the shared one is away: then the limit holds for each process. */
export class FallbackRateLimiter implements RateLimiter {
  constructor(
    private readonly shared: RateLimiter,
    private readonly own: RateLimiter,
  ) {}

  async consume(subject: string, rule: RateLimit, cost?: number): Promise<RateLimitDecision> {
    try {
      return await this.shared.consume(subject, rule, cost);
    } catch (error) {
      if (error instanceof InvalidInput) throw error;
      // The connection has logged the outage.
      return this.own.consume(subject, rule, cost);
    }
  }
}
