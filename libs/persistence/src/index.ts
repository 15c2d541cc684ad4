export {
  openPersistence,
  type Persistence,
  type PersistenceConfig,
  type PersistenceTools,
  type Repositories,
} from './persistence.js';
export { connectEmbedded, type EmbeddedConnection } from './embedded/connect-embedded.js';
export { DataDirInUse } from './embedded/data-dir-lock.js';
export { DatabaseHealth, type DatabaseState } from './database-health.js';
export { RequestQueryStats, type QueryStats } from './request-query-stats.js';
