import { randomBytes } from 'node:crypto';
import type { Config } from '@app/config';
import type { Cache, CacheSavings, Log } from '@app/domain';
import type { Metrics } from '@app/telemetry';
import { BypassCache } from './bypass-cache.js';
import { CacheCounters } from './cache-counters.js';
import { CacheNames, NamePattern } from './policies/cache-names.js';
import { cachePolicies } from './policies/policy-overrides.js';
import { busChannels } from './redis/bus-messages.js';
import { InvalidationBus } from './redis/invalidation-bus.js';
import { RedisConnection } from './redis/redis-connection.js';
import { RedisStore } from './redis/redis-store.js';
import type { Announcement, SharedStore } from './redis/shared-store.js';
import { TieredCache } from './tiered-cache.js';
import { EntryTiers } from './tiers/entry-tiers.js';
import { MemoryTier } from './tiers/memory-tier.js';
import { RemoteTier } from './tiers/remote-tier.js';
import { WRITE_BEHIND_BOUNDS, WriteBehind } from './write-behind.js';

/** A process that was killed keeps others from loading its keys for so long. */
const LEASE_MS = 3_000;
const REMEMBERED_INVALIDATIONS = { names: 10_000, patterns: 200 };
/** What is left of a call's deadline for timers that come late. */
const DEADLINE_SHARE = 0.8;
/** One entry may take an eighth of the memory tier. */
const LARGEST_SHARE = 8;

export interface CacheHandle {
  readonly cache: Cache;
  /** Saves what waits to be written behind and ends the connections; calls that follow are misses. */
  close(): Promise<void>;
}

export interface CacheOptions {
  /** Where hits are told what they saved. */
  readonly savings?: CacheSavings;
  /** A test's clock. */
  readonly now?: () => number;
  readonly leaseMs?: number;
  readonly rememberedInvalidations?: { readonly names: number; readonly patterns: number };
  /** Stands between the cache and Redis. */
  readonly around?: (store: SharedStore) => SharedStore;
}

/**
 * The cache that the configuration asks for: none, memory, Redis, or memory before Redis. Returns at once: until Redis
 * is connected, its calls are misses.
 * @throws InvalidConfiguration when a policy is changed that doesn't exist, or so that it can't be
 */
export function createCache(
  config: Pick<Config, 'cache'>,
  log: Log,
  metrics: Metrics,
  options: CacheOptions = {},
): CacheHandle {
  const { enabled, prefix, backend, operationDeadlineMs, maxValueBytes, memoryTtlMs } = config.cache;
  const policies = cachePolicies(config.cache.policyOverrides);
  if (!enabled) return { cache: new BypassCache(), close: async () => undefined };
  const ownLog = log.child({ part: 'cache' });
  const names = new CacheNames(prefix, policies);
  const now = options.now ?? Date.now;
  const withinMs = operationDeadlineMs * DEADLINE_SHARE;
  const counters = new CacheCounters(metrics, backend === 'memory' ? 'memory' : 'redis');
  const shared = backend === 'memory' ? null : share(config, { ownLog, names, counters, withinMs, options });
  const memory =
    backend === 'redis'
      ? null
      : new MemoryTier(
          boundsOf(config, shared !== null),
          now,
          shared === null ? null : () => shared.bus.syncedAt,
          () => counters.evicted(),
        );
  const remote = shared?.remote ?? null;
  const common = { names, policies, counters, log: ownLog, now, savings: options.savings ?? null };
  const tiers = new EntryTiers({ ...common, memory, remote, maxValueBytes, memoryTtlMs });
  shared?.serve(tiers);
  const writeBehind = new WriteBehind(WRITE_BEHIND_BOUNDS, ownLog);
  const cache = new TieredCache({
    ...common,
    tiers,
    memory,
    remote,
    maxValueBytes,
    memoryTtlMs,
    withinMs,
    backend,
    writeBehind,
  });
  return {
    cache,
    close: async () => {
      await writeBehind.close();
      await Promise.all([shared?.bus.close(), remote?.close()]);
      tiers.forgetAll();
    },
  };
}

function boundsOf({ cache }: Pick<Config, 'cache'>, hasRedis: boolean) {
  const { maxEntries, maxBytes } = cache;
  return { maxEntries, maxBytes, maxEntryBytes: hasRedis ? Math.ceil(maxBytes / LARGEST_SHARE) : maxBytes };
}

interface Shared {
  readonly remote: RemoteTier;
  readonly bus: InvalidationBus;
  /** From now on these tiers forget what others invalidate. */
  serve(tiers: EntryTiers): void;
}

/** The tier that processes share, and the bus by which they tell each other. */
function share(
  { cache }: Pick<Config, 'cache'>,
  {
    ownLog,
    names,
    counters,
    withinMs,
    options,
  }: { ownLog: Log; names: CacheNames; counters: CacheCounters; withinMs: number; options: CacheOptions },
): Shared {
  const endpoint = cache.redis!;
  const origin = randomBytes(9).toString('base64url');
  const channels = busChannels(cache.prefix, origin);
  const connection = new RedisConnection(endpoint, withinMs, ownLog, 'trust');
  const store = new RedisStore(connection, withinMs, channels, origin, cache.prefix);
  let tiers: EntryTiers | null = null;
  const remote: RemoteTier = new RemoteTier({
    store: options.around?.(store) ?? store,
    names,
    counters,
    log: ownLog,
    leaseMs: options.leaseMs ?? LEASE_MS,
    rememberedInvalidations: options.rememberedInvalidations ?? REMEMBERED_INVALIDATIONS,
    onNewGenerations: () => tiers?.forgetAll(),
    onBeat: () => bus.check(),
  });
  connection.onChange((reachable) => {
    if (!reachable) remote.lost();
  });
  const bus: InvalidationBus = new InvalidationBus(
    endpoint,
    channels,
    origin,
    {
      onAnnouncement: (announcement) => {
        if (tiers !== null) forget(tiers, names, announcement);
        if ('namespace' in announcement) remote.suspectGenerations();
      },
      onBack: () => tiers?.forgetAll(),
    },
    ownLog.child({ part: 'cache_bus' }),
  );
  return { remote, bus, serve: (own) => (tiers = own) };
}

function forget(tiers: EntryTiers, names: CacheNames, announcement: Announcement): void {
  if ('names' in announcement) for (const name of announcement.names) tiers.forget(name);
  else if ('pattern' in announcement)
    tiers.forgetMatching(new NamePattern(announcement.pattern.start, announcement.pattern.glob));
  else tiers.forgetMatching(names.allOf(announcement.namespace));
}
