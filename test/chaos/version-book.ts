/** Acknowledged versions of a key that are remembered. */
const DEPTH = 8;

/**
 * The database that the cached values come from, shared between threads: what version each key has, and since when
 * every reader must know of it. Each key is written by one thread alone.
 */
export class VersionBook {
  private readonly committed: Int32Array;
  private readonly ackedVersion: Int32Array;
  private readonly ackedAt: Float64Array;
  private readonly flags: Int32Array;

  constructor(
    readonly keys: number,
    readonly buffers: readonly SharedArrayBuffer[] = [
      new SharedArrayBuffer(4 * keys),
      new SharedArrayBuffer(4 * keys * DEPTH),
      new SharedArrayBuffer(8 * keys * DEPTH),
      new SharedArrayBuffer(4),
    ],
  ) {
    this.committed = new Int32Array(buffers[0]!);
    this.ackedVersion = new Int32Array(buffers[1]!);
    this.ackedAt = new Float64Array(buffers[2]!);
    this.flags = new Int32Array(buffers[3]!);
  }

  /** Milliseconds since 1970, finer than Date.now(), the same in all threads. */
  static now(): number {
    return performance.timeOrigin + performance.now();
  }

  get trouble(): boolean {
    return Atomics.load(this.flags, 0) === 1;
  }

  /** Invalidations acknowledged from now on count for other readers only when the trouble is over. */
  beginTrouble(): void {
    Atomics.store(this.flags, 0, 1);
  }

  /** From now on everybody must know what was acknowledged. */
  endTrouble(): void {
    const now = VersionBook.now();
    for (let at = 0; at < this.ackedAt.length; at += 1)
      if (this.ackedAt[at] === Number.POSITIVE_INFINITY) this.ackedAt[at] = now;
    Atomics.store(this.flags, 0, 0);
  }

  read(key: number): number {
    return Atomics.load(this.committed, key);
  }

  commit(key: number): number {
    return Atomics.add(this.committed, key, 1) + 1;
  }

  /** @param inTrouble whether there was trouble when the invalidation began or ended */
  acknowledge(key: number, version: number, inTrouble: boolean): void {
    const at = key * DEPTH + (version % DEPTH);
    this.ackedAt[at] = inTrouble ? Number.POSITIVE_INFINITY : VersionBook.now();
    Atomics.store(this.ackedVersion, at, version);
  }

  /** How long a reader who got `seen` at `moment` could have known better, in milliseconds; 0: it couldn't. */
  lateBy(key: number, seen: number, moment: number): number {
    const newest = this.read(key);
    let since = moment;
    for (let version = Math.max(seen + 1, newest - DEPTH + 1); version <= newest; version += 1) {
      const at = key * DEPTH + (version % DEPTH);
      if (Atomics.load(this.ackedVersion, at) === version) since = Math.min(since, this.ackedAt[at]!);
    }
    return moment - since;
  }
}
