export { createCache, type CacheHandle } from './create-cache.js';
export { createCoordination, type CoordinationHandle } from './coordination/create-coordination.js';
export { CacheModule } from './cache.module.js';
export { hashOf } from './hash-of.js';
export {
  CACHE_POLICIES,
  cachePolicies,
  ttlVariable,
  type CachePolicies,
  type CachePolicy,
} from './cache-policies.js';
