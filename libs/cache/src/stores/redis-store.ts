import KeyvRedis, { type RedisClientType } from '@keyv/redis';
import { RESP_TYPES } from '@redis/client';
import type { CacheCounters } from '../cache-counters.js';
import type { NamePattern } from '../cache-names.js';
import type { RedisConnection } from '../redis/redis-connection.js';
import type { ByteStore, StoredBytes, StoreHealth } from './byte-store.js';

const SCAN_COUNT = 1_000;

/** Entries in Redis, as bytes. Every failed call is counted and answered with a miss or a no-op. */
export class RedisStore implements ByteStore {
  readonly backend = 'redis';
  readonly opts = { dialect: 'redis' };
  private readonly keyv: KeyvRedis<Buffer>;

  constructor(
    private readonly connection: RedisConnection,
    private readonly counters: CacheCounters,
  ) {
    // Answers come as Buffers: entries are bytes, and base64 would make them a third longer.
    const client = connection.client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    this.keyv = new KeyvRedis<Buffer>(client as unknown as RedisClientType, { throwOnErrors: true });
    // It emits each error that it also throws; unheard ones would end the process.
    this.keyv.on('error', () => undefined);
  }

  get connected(): boolean {
    return this.connection.connected;
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    const bytes = await this.attempt('get', undefined, () => this.keyv.get(key));
    return stored(bytes) as Value | undefined;
  }

  async getMany<Value>(keys: string[]): Promise<(Value | undefined)[]> {
    const none = keys.map(() => undefined);
    const found = await this.attempt<(Buffer | undefined)[]>('get_many', none, () => this.keyv.getMany(keys));
    return found.map((bytes) => stored(bytes) as Value | undefined);
  }

  async set(key: string, { value }: StoredBytes, ttl?: number): Promise<void> {
    await this.attempt('set', undefined, () => this.keyv.set(key, asArgument(value), ttl));
  }

  async setMany(entries: { key: string; value: StoredBytes; ttl?: number }[]): Promise<void> {
    const pipelined = entries.map(({ key, value, ttl }) => ({ key, value: value.value, ttl }));
    await this.attempt('set_many', undefined, () => this.keyv.setMany(pipelined));
  }

  delete(key: string): Promise<boolean> {
    return this.attempt('delete', false, () => this.keyv.delete(key));
  }

  /** SCAN in steps and UNLINK what each found; trouble in the middle leaves the rest and tells what was deleted. */
  async deleteMatching(pattern: NamePattern): Promise<number> {
    const { client } = this.connection;
    const match = { MATCH: pattern.forRedis(), COUNT: SCAN_COUNT };
    let deleted = 0;
    let cursor = '0';
    do {
      const from = cursor;
      const found = await this.attempt('scan', null, () => client.scan(from, match));
      if (found === null) return deleted;
      cursor = found.cursor;
      if (found.keys.length > 0) deleted += await this.attempt('delete', 0, () => client.unlink(found.keys));
    } while (cursor !== '0');
    return deleted;
  }

  /** Keyv's own way to empty a store knows no bounds: whoever clears names a pattern. */
  clear(): Promise<void> {
    return Promise.reject(new Error('A Redis shared with others is cleared by pattern only.'));
  }

  async health(): Promise<StoreHealth> {
    const startedAt = performance.now();
    try {
      await this.connection.run(() => this.connection.client.ping());
      return { ok: true, latencyMs: performance.now() - startedAt };
    } catch (error) {
      return { ok: false, latencyMs: performance.now() - startedAt, detail: (error as Error).message };
    }
  }

  disconnect(): Promise<void> {
    return this.connection.close();
  }

  /** Trouble is dealt with here: nothing is emitted. */
  on(): this {
    return this;
  }

  private async attempt<T>(operation: string, otherwise: T, command: () => Promise<T>): Promise<T> {
    try {
      return await this.connection.run(command);
    } catch {
      // Which outage it is, the connection has logged; the caller goes on without the cache.
      this.counters.error(operation);
      return otherwise;
    }
  }
}

function stored(bytes: Buffer | undefined): StoredBytes | undefined {
  // MGET answers null for a missing key.
  return bytes === undefined || bytes === null ? undefined : { value: bytes };
}

/** KeyvRedis declares strings, and passes on what it is given; the client takes Buffers. */
function asArgument(bytes: Buffer): string {
  return bytes as unknown as string;
}
