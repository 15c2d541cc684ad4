import type { RedisFigures } from '@app/domain';
import type { NamePattern } from '../policies/cache-names.js';

/** What `claim` found: the lease is the caller's, somebody else's for so long, or there is a newer value already. */
export type Claim =
  | { readonly kind: 'granted' }
  | { readonly kind: 'busy'; readonly leftMs: number }
  | { readonly kind: 'value'; readonly bytes: Buffer };

/** `lost`: an invalidation or another holder took the lease away. `refused`: Redis is full. */
export type Settled = 'stored' | 'lost' | 'refused';

/** Told to every process, this one included. */
export type Announcement =
  | { readonly names: readonly string[] }
  | { readonly pattern: { readonly start: string; readonly glob: string } }
  | { readonly namespace: string };

export interface EntryWrite {
  readonly name: string;
  readonly bytes: Buffer;
  readonly ttlMs: number;
}

export interface LeaseRequest {
  /** 16 characters of this load alone. */
  readonly token: string;
  readonly leaseMs: number;
  /** A value that is fresh beyond this moment (milliseconds since 1970) is answered instead of the lease. */
  readonly freshAfter: number;
  readonly generation: string;
}

/** An addition to a number. */
export interface Addition {
  readonly name: string;
  readonly by: number;
  /** Milliseconds since 1970, as the caller's clock shows. */
  readonly now: number;
  /** Of a number that isn't there yet. */
  readonly lifetimeMs: number;
  /** How long Redis keeps it. */
  readonly ttlMs: number;
  readonly generation: string;
}

/** Which generation entries of each namespace are written in; older ones are misses. */
export interface Generations {
  /** Of namespaces whose keys hold all their values depend on. */
  readonly content: string;
  /** Of the others; a restarted Redis gets a new one. */
  readonly state: string;
  /** Of namespaces that were raised on their own. */
  readonly raised: ReadonlyMap<string, string>;
}

/**
 * Entries as bytes in a store that processes share, reached over a network. Every method may throw, and takes
 * `withinMs` at most; a write that was not confirmed in time doesn't happen later.
 */
export interface SharedStore {
  /** Whether calls are tried at all. */
  readonly connected: boolean;
  read(name: string): Promise<Buffer | undefined>;
  readMany(names: readonly string[]): Promise<(Buffer | undefined)[]>;
  /** Answers the names that were refused: the store is full, and their older values are gone too. */
  write(writes: readonly EntryWrite[], announced: boolean): Promise<readonly string[]>;
  /** The new total, told to everybody like a write; null when Redis is full. */
  add(addition: Addition): Promise<number | null>;
  /** Answers how many held a value. */
  delete(names: readonly string[], announced: boolean): Promise<number>;
  deleteMatching(pattern: NamePattern): Promise<number>;
  claim(name: string, request: LeaseRequest, withinMs: number): Promise<Claim | 'refused'>;
  settle(write: EntryWrite, token: string, withinMs: number): Promise<Settled>;
  /** False when the lease is no longer the token's. `leaseMs` 0 gives it back. */
  renew(name: string, token: string, leaseMs: number): Promise<boolean>;
  /** Proves that the store answers, and reads the generations. `beat` comes back over the bus. */
  sync(beat: number): Promise<Generations>;
  /** Makes every entry of a namespace a miss, in every process. */
  raise(namespace: string, content: boolean): Promise<void>;
  announce(announcement: Announcement): Promise<void>;
  /** What the server says of itself. */
  figures(): Promise<RedisFigures>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
