/** What one namespace did in this process since it started. */
export interface CacheNamespaceStats {
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
  /** Bytes of the values that were stored, as they were stored. */
  readonly bytesStored: number;
}

export interface CacheStats {
  readonly backend: 'memory' | 'redis' | 'two_tier';
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
  readonly errors: number;
  readonly redisConnected: boolean;
  /** By namespace, those alone that were used. */
  readonly namespaces: Readonly<Record<string, CacheNamespaceStats>>;
}

/** What the Redis behind a cache says of itself: all of it, whoever else uses it. Of a cluster the sum of its masters. */
export interface RedisFigures {
  readonly usedMemoryBytes: number;
  readonly connectedClients: number;
  readonly keyspaceHits: number;
  readonly keyspaceMisses: number;
  readonly totalCommands: number;
  /** Of a cluster that of the node which was restarted last. */
  readonly uptimeSeconds: number;
}

/** What a cache holds in this process. */
export interface MemoryFigures {
  readonly entries: number;
  readonly maxEntries: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** How long an entry lives there at most before Redis; alone, what an entry lives if its kind has no lifetime of its own. */
  readonly defaultTtlMs: number;
}

/** The state of a cache at one moment. */
export interface CacheFigures extends CacheStats {
  readonly at: Date;
  /** Null without Redis, and while it doesn't answer. */
  readonly redis: RedisFigures | null;
  /** Null when Redis is the only tier. */
  readonly memory: MemoryFigures | null;
}
