/** The client sent what can't be a message. */
export class MalformedMessage extends Error {}

/** Cuts a client's byte stream into length-prefixed messages; copies each byte at most once more. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private buffered = 0;

  constructor(private readonly maxMessageBytes: number) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
  }

  /**
   * The next whole message, or null until more bytes came. `headerBytes` stand before the length: none in a start-up
   * message, the type in all others.
   * @throws MalformedMessage
   */
  next(headerBytes: 0 | 1): Buffer | null {
    if (this.buffered < headerBytes + 4) return null;
    const length = headerBytes + this.peek(headerBytes + 4).readInt32BE(headerBytes);
    if (length < headerBytes + 4)
      throw new MalformedMessage('a message is shorter than its own length field');
    if (length > this.maxMessageBytes) {
      throw new MalformedMessage(`a message of ${length} bytes is over the limit of ${this.maxMessageBytes}`);
    }
    return this.buffered < length ? null : this.take(length);
  }

  /** At least `bytes` contiguous bytes from the start, not consumed. */
  private peek(bytes: number): Buffer {
    while (this.chunks[0]!.length < bytes) {
      const [first, second, ...rest] = this.chunks;
      this.chunks = [Buffer.concat([first!, second!]), ...rest];
    }
    return this.chunks[0]!;
  }

  private take(bytes: number): Buffer {
    const whole = this.chunks[0]!.length >= bytes ? this.chunks[0]! : Buffer.concat(this.chunks);
    const rest = whole.subarray(bytes);
    if (whole === this.chunks[0]) this.chunks.shift();
    else this.chunks = [];
    if (rest.length > 0) this.chunks.unshift(rest);
    this.buffered -= bytes;
    return whole.subarray(0, bytes);
  }
}
