import type { KeyvStoreAdapter } from 'keyv';
import type { NamePattern } from '../cache-names.js';

/** What Keyv hands to a store when it doesn't serialise, and expects back. */
export interface StoredBytes {
  readonly value: Buffer;
}

export interface StoreHealth {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly detail?: string;
}

/**
 * A Keyv store of bytes that deals with its own trouble: it answers with misses and no-ops, never with an error,
 * and reports each failed call to `CacheCounters`.
 */
export interface ByteStore extends KeyvStoreAdapter {
  readonly backend: 'memory' | 'redis';
  readonly connected: boolean;
  setMany(entries: { key: string; value: StoredBytes; ttl?: number }[]): Promise<void>;
  deleteMatching(pattern: NamePattern): Promise<number>;
  health(): Promise<StoreHealth>;
  disconnect(): Promise<void>;
}
