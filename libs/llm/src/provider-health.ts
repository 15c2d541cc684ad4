import type { Cache, Clock, Log } from '@app/domain';

/** What is known of a provider's model: `provider:{name}:health_status`. */
export interface HealthStatus {
  readonly status: 'ok' | 'away';
  readonly model: string;
  /** ISO time of the change. */
  readonly since: string;
  readonly reason: string | null;
}

/** `provider:{name}:rate_limit_status`: when the provider last said that it is asked too often. */
export interface RateLimitStatus {
  readonly model: string;
  readonly limitedAt: string;
  readonly retryAfterMs: number | null;
}

/** Tells every process, and people, how a provider is. Best effort: a cache that is away loses the telling only. */
export class ProviderHealth {
  private readonly told = new Map<string, HealthStatus['status']>();

  constructor(
    private readonly provider: string,
    private readonly cache: Cache,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  ok(model: string): void {
    this.tell(model, 'ok', null);
  }

  away(model: string, reason: string): void {
    this.tell(model, 'away', reason);
  }

  limited(model: string, retryAfterMs: number | undefined): void {
    this.set('rate_limit_status', {
      model,
      limitedAt: this.clock.now().toISOString(),
      retryAfterMs: retryAfterMs ?? null,
    });
  }

  /** Changes only: a healthy provider is not told of with every call. */
  private tell(model: string, status: HealthStatus['status'], reason: string | null): void {
    if (this.told.get(model) === status) return;
    this.told.set(model, status);
    this.set('health_status', { status, model, since: this.clock.now().toISOString(), reason });
  }

  private set(what: string, value: HealthStatus | RateLimitStatus): void {
    const key = { operation: 'provider', id: `${this.provider}:${what}` } as const;
    this.cache.set(key, value).catch((error: unknown) => {
      this.log.warn({ provider: this.provider, error: String(error) }, 'provider_health_not_stored');
    });
  }
}
