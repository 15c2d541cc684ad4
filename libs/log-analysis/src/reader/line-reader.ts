import { MAX_LINE_BYTES } from './limits.js';
import type { HitSet, LiteralScanner } from '../scan/literal-scanner.js';

/** Gets every physical line; `hits` holds the literals found in it until the call returns. */
export interface LineSink {
  /**
   * @param droppedBytes how many bytes of an over-long line were left out behind `end`.
   * @returns the text to hand on in place of the line, or null when it may go on as it is.
   */
  line(bytes: Buffer, start: number, end: number, hits: HitSet, droppedBytes: number): string | null;
}

/** Splits pieces of bytes into physical lines, scans each once, and puts together the text that is handed on. */
export class LineReader {
  /** Bytes seen so far. */
  bytes = 0;
  private carry: Buffer = EMPTY;
  /** Bytes of the current line that were left out, once it grew over the limit. */
  private dropped = 0;
  /** Where the line emitted last ends: before its CR, if it has one. */
  private end = 0;

  constructor(
    private readonly scanner: LiteralScanner,
    private readonly hits: HitSet,
    private readonly sink: LineSink,
    private readonly handOn: boolean,
  ) {}

  /** @returns the text of the lines completed by this piece, empty when nobody wants it. */
  read(piece: Buffer): string {
    this.bytes += piece.length;
    const bytes = this.carry.length === 0 ? piece : Buffer.concat([this.carry, piece]);
    const searchFrom = this.carry.length;
    this.carry = EMPTY;
    const out: string[] = [];
    let start = 0;
    let copied = 0;
    let newline = bytes.indexOf(10, searchFrom);
    while (newline >= 0) {
      const replacement = this.emit(bytes, start, newline);
      if (this.handOn) {
        if (replacement !== null) {
          out.push(bytes.toString('utf8', copied, start), replacement);
          copied = newline;
        } else if (this.end !== newline) {
          // CRLF goes on as LF
          out.push(bytes.toString('utf8', copied, this.end));
          copied = newline;
        }
      }
      start = newline + 1;
      newline = bytes.indexOf(10, start);
    }
    if (this.handOn) out.push(bytes.toString('utf8', copied, start));
    this.keep(bytes, start);
    return out.length === 1 ? out[0]! : out.join('');
  }

  /** The last line, when the log doesn't end with a line end. */
  finish(): string {
    const bytes = this.carry;
    if (bytes.length === 0) return '';
    this.carry = EMPTY;
    const replacement = this.emit(bytes, 0, bytes.length);
    return this.handOn ? (replacement ?? bytes.toString('utf8', 0, this.end)) : '';
  }

  private keep(bytes: Buffer, start: number): void {
    const length = bytes.length - start;
    if (length <= MAX_LINE_BYTES) {
      // a copy, so that a short carry doesn't hold a whole piece
      this.carry = length === 0 ? EMPTY : Buffer.from(bytes.subarray(start));
      return;
    }
    this.dropped += length - MAX_LINE_BYTES;
    this.carry = Buffer.from(bytes.subarray(start, start + MAX_LINE_BYTES));
  }

  private emit(bytes: Buffer, start: number, newline: number): string | null {
    let end = newline > start && bytes[newline - 1] === 13 ? newline - 1 : newline;
    let dropped = this.dropped;
    this.dropped = 0;
    if (end - start > MAX_LINE_BYTES) {
      dropped += end - start - MAX_LINE_BYTES;
      end = start + MAX_LINE_BYTES;
    }
    this.end = end;
    this.hits.clear();
    this.scanner.scan(bytes, start, end, this.hits);
    return this.sink.line(bytes, start, end, this.hits, dropped);
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
