import { DomainError, type RateLimitDecision } from '@app/domain';

export class TooManyRequests extends DomainError {
  readonly code = 'too_many_requests';

  constructor({ limit, requestsUsed, resetInSeconds, retryAfterMs }: RateLimitDecision) {
    const seconds = Math.ceil(retryAfterMs / 1_000);
    super(`The limit of ${limit} requests is used up; try again in ${seconds} s.`, {
      limit,
      requestsUsed,
      resetInSeconds,
    });
  }
}
