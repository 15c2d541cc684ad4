import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { ApiKeyRepository, Clock, type ApiKey } from '@app/domain';
import { LRUCache } from 'lru-cache';

/** A key that is revoked by another process is refused after so long. */
const KEPT_MS = 1_000;
const MAX_KEYS = 1_000;

interface Asked {
  readonly key: Promise<ApiKey | null>;
  readonly until: number;
}

/**
 * API keys by their hash, each asked of the database once a second: a page asks a dozen things at once, whose answers are
 * cached, and would wait for the database all the same. Without caching (`CACHE_ENABLED=false`) each is asked for.
 */
export class RecentKeys {
  private readonly recent = new LRUCache<string, Asked>({ max: MAX_KEYS });

  constructor(
    private readonly keys: Pick<ApiKeyRepository, 'findActiveByHash'>,
    private readonly clock: Clock,
    private readonly enabled: boolean,
  ) {}

  /** The active key; null when there is none, which is never remembered. @throws ExternalFailure `database_away` */
  find(hash: string): Promise<ApiKey | null> {
    if (!this.enabled) return this.keys.findActiveByHash(hash);
    const now = this.clock.now().getTime();
    const known = this.recent.get(hash);
    if (known !== undefined && now < known.until) return known.key;
    const asked: Asked = { key: this.keys.findActiveByHash(hash), until: now + KEPT_MS };
    this.recent.set(hash, asked);
    const forget = (): void => {
      if (this.recent.peek(hash) === asked) this.recent.delete(hash);
    };
    asked.key.then((key) => key ?? forget(), forget);
    return asked.key;
  }
}

/** Where the guard finds them. */
export const RECENT_KEYS = {
  provide: RecentKeys,
  inject: [ApiKeyRepository, Clock, CONFIG],
  useFactory: (keys: ApiKeyRepository, clock: Clock, { cache }: Config) =>
    new RecentKeys(keys, clock, cache.enabled),
};
