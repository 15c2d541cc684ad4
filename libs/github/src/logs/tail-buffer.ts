/** The last `capacity` bytes of what was pushed. Takes its memory with the first push. */
export class TailBuffer {
  private ring: Buffer | null = null;
  /** Where the next byte goes. */
  private at = 0;
  private held = 0;

  constructor(private readonly capacity: number) {}

  get length(): number {
    return this.held;
  }

  push(chunk: Uint8Array): void {
    this.ring ??= Buffer.allocUnsafe(this.capacity);
    const kept = chunk.subarray(Math.max(0, chunk.length - this.capacity));
    const beforeWrap = Math.min(kept.length, this.capacity - this.at);
    this.ring.set(kept.subarray(0, beforeWrap), this.at);
    this.ring.set(kept.subarray(beforeWrap), 0);
    this.at = (this.at + kept.length) % this.capacity;
    this.held = Math.min(this.capacity, this.held + kept.length);
  }

  /** A copy, oldest byte first. */
  bytes(): Buffer {
    if (this.ring === null) return Buffer.alloc(0);
    if (this.held < this.capacity) return Buffer.from(this.ring.subarray(0, this.held));
    return Buffer.concat([this.ring.subarray(this.at), this.ring.subarray(0, this.at)]);
  }
}
