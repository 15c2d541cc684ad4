import type { KeyvStoreAdapter } from 'keyv';
import type { EntryWrite } from '../redis/shared-store.js';

/** What Keyv hands to a store when it doesn't serialise, and expects back. */
interface StoredBytes {
  readonly value: Buffer;
}

/** Bytes by name. None of these throws: trouble is dealt with below Keyv, which would hide what it was. */
export interface QuietStore {
  read(name: string): Promise<Buffer | undefined>;
  readMany(names: readonly string[]): Promise<(Buffer | undefined)[]>;
  write(writes: readonly EntryWrite[]): Promise<void>;
  delete(name: string): Promise<boolean>;
}

/** Gives a store the shape that Keyv, and cache-manager above it, work with. */
export function keyvStoreOver(store: QuietStore): KeyvStoreAdapter {
  return {
    opts: { dialect: 'redis' },
    get: async <Value>(name: string) => stored(await store.read(name)) as Value | undefined,
    getMany: async <Value>(names: string[]) =>
      (await store.readMany(names)).map((bytes) => stored(bytes) as Value | undefined),
    set: (name: string, { value }: StoredBytes, ttlMs?: number) =>
      store.write([{ name, bytes: value, ttlMs: ttlMs! }]),
    setMany: (entries: { key: string; value: StoredBytes; ttl?: number }[]) =>
      store.write(entries.map(({ key, value, ttl }) => ({ name: key, bytes: value.value, ttlMs: ttl! }))),
    delete: (name: string) => store.delete(name),
    /** Keyv's own way to empty a store knows no bounds: whoever clears names a pattern. */
    clear: () => Promise.reject(new Error('A store shared with others is cleared by pattern only.')),
    /** Nothing is emitted: trouble ends in the store. */
    on() {
      return this;
    },
  } as KeyvStoreAdapter;
}

function stored(bytes: Buffer | undefined): StoredBytes | undefined {
  return bytes === undefined ? undefined : { value: bytes };
}
