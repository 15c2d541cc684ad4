export { createCache, type CacheHandle, type CacheOptions } from './create-cache.js';
export { createCoordination, type CoordinationHandle } from './coordination/create-coordination.js';
export { CacheModule } from './cache.module.js';
export { RequestCacheOutcome, type CacheAnswer } from './request-cache-outcome.js';
export { AddressList } from './limits/address-list.js';
export { createLimits, type LimitsHandle, type LimitsTools } from './limits/create-limits.js';
export { CACHE_TARGETS, cacheAdvice } from './figures/cache-advice.js';
export { cacheStatistics, cacheStatisticsSchema, type CacheStatistics } from './figures/cache-statistics.js';
export { callerScope } from './caller-scope.js';
export { hashOf } from './hash-of.js';
export { repositoryScope } from './repository-scope.js';
export {
  CACHE_POLICIES,
  RESERVED_NAMESPACES,
  type CachePolicies,
  type CachePolicy,
} from './policies/cache-policies.js';
export {
  namespacesOf,
  operationsIn,
  operationsMatching,
  type PartOfCache,
} from './policies/operations-matching.js';
export { EMPTY_FOR_A_MINUTE } from './policies/empty-for-a-minute.js';
export { cachePolicies, policyVariables } from './policies/policy-overrides.js';
export { createRedisClient, singleClient, type RedisClient } from './redis/redis-client.js';
export { masterOf } from './redis/sentinels.js';
export type { SharedStore } from './redis/shared-store.js';
export { Cached, type CachedOptions, type CacheHolder } from './cached.decorator.js';
export { WarmUp, type WarmUpSource } from './warm-up.js';
