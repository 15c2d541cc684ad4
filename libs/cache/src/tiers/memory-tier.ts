import type { CacheSaving, MemoryFigures } from '@app/domain';
import { LRUCache } from 'lru-cache';
import { copyOf } from '../codec/copy-value.js';

/** What an entry costs besides its name and value (objects, map slot), roughly. */
const ENTRY_OVERHEAD_BYTES = 200;
/** Without the bus nothing older is served. */
const UNHEARD_LIMIT_MS = 1_000;

export interface MemoryEntry {
  /** The tier's own: nobody else holds it. */
  readonly value: unknown;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  readonly lifetimeMs: number;
  /** Until when it may be served, stale included; milliseconds since 1970. */
  readonly keptUntil: number;
  /** When what it holds began to be read or loaded (`performance.now()`). */
  readonly since: number;
  readonly saving: Required<CacheSaving>;
}

export interface MemoryBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Larger values stay out. */
  readonly maxEntryBytes: number;
}

/**
 * Values of this process, decoded: a hit is a copy, which costs a fraction of decoding and leaves nothing that a caller
 * could change for others (docs/decisions/012). Least recently used ones go first when the count or the bytes reach
 * their bound.
 */
export class MemoryTier {
  private readonly entries: LRUCache<string, MemoryEntry>;

  /** @param heardUntil up to when every invalidation of other processes is known; `performance.now()` when alone */
  constructor(
    bounds: MemoryBounds,
    private readonly now: () => number,
    private readonly heardUntil: (() => number) | null,
    evicted: () => void,
  ) {
    this.entries = new LRUCache({
      max: bounds.maxEntries,
      maxSize: bounds.maxBytes,
      maxEntrySize: bounds.maxEntryBytes,
      sizeCalculation: ({ bytes }, name) => bytes + 2 * name.length + ENTRY_OVERHEAD_BYTES,
      dispose: (_entry, _name, reason) => {
        if (reason === 'evict') evicted();
      },
    });
  }

  get figures(): Omit<MemoryFigures, 'defaultTtlMs'> {
    const { size, calculatedSize, max, maxSize } = this.entries;
    return { entries: size, maxEntries: max, bytes: calculatedSize, maxBytes: maxSize };
  }

  /** The entry, fresh or stale, unless its time is over or nobody can tell whether it still holds. */
  get(name: string): MemoryEntry | undefined {
    const entry = this.entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.keptUntil <= this.now()) {
      this.entries.delete(name);
      return undefined;
    }
    if (this.heardUntil === null || this.known(entry)) return entry;
    return undefined;
  }

  /** The caller's own copy of an entry's value. */
  valueOf<T>(entry: MemoryEntry): T {
    return copyOf(entry.value) as T;
  }

  set(name: string, entry: MemoryEntry): void {
    this.entries.set(name, entry);
  }

  /** Whether there was a fresh value. */
  delete(name: string): boolean {
    const entry = this.entries.peek(name);
    this.entries.delete(name);
    return entry !== undefined && entry.freshUntil > this.now();
  }

  /** How many there were. */
  deleteMatching(matches: (name: string) => boolean): number {
    const doomed = [...this.entries.keys()].filter(matches);
    for (const name of doomed) this.entries.delete(name);
    return doomed.length;
  }

  clear(): void {
    this.entries.clear();
  }

  private known(entry: MemoryEntry): boolean {
    return performance.now() - Math.max(entry.since, this.heardUntil!()) <= UNHEARD_LIMIT_MS;
  }
}
