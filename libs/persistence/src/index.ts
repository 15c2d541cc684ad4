export { PERSISTENCE, PersistenceModule } from './persistence.module.js';
export {
  openPersistence,
  type Persistence,
  type PersistenceConfig,
  type PersistenceTools,
  type Repositories,
} from './persistence.js';
export { inspectDatabase, type DatabaseInspection } from './inspect-database.js';
export type { GithubConnections } from './github-connections.js';
export { createSecretBox, keyFileOf, type SecretsEnvironment } from './secrets/create-secret-box.js';
export { newSecretKey } from './secrets/secret-key.js';
export { SealedSecrets, SecretsLocked, type Rotation } from './secrets/sealed-secrets.js';
export { SecretsModule } from './secrets/secrets.module.js';
export { backUp, moveToServer, restore, type Transferred } from './transfer/transfer.js';
export { BackupUnusable, TargetNotEmpty, TransferMismatch } from './transfer/transfer-errors.js';
export { EmbeddingIndex } from './embedding-index.js';
export { DatabaseHealth, type DatabaseState } from './database-health.js';
export { databaseFigures, type DatabaseFiguresReport, type StatementFigures } from './database-figures.js';
export { OpenTransaction } from './open-transaction.js';
export { RequestQueryStats, type QueryStats } from './request-query-stats.js';
export { connectEmbedded } from './embedded/connect-embedded.js';
export type { EmbeddedConnection, EmbeddedOptions } from './embedded/embedded-connection.js';
export type { EmbeddedHost, EmbeddedHostOptions } from './embedded/embedded-host.js';
export { DataDirInUse } from './embedded/data-dir-lock.js';
export { CachedDiagnosisRepository } from './caching/cached-diagnosis-repository.js';
export { CachedFeedbackRepository } from './caching/cached-feedback-repository.js';
export { CachedPatternRepository } from './caching/cached-pattern-repository.js';
export { StoredDiagnosisCopies } from './caching/stored-diagnosis-copies.js';
export { CachedIncidentCatalog, facetsKey, statsKey } from './caching/cached-incident-catalog.js';
export { CachedIncidentAnalytics } from './caching/cached-incident-analytics.js';
export { CachedSimilaritySearch } from './caching/cached-similarity-search.js';
