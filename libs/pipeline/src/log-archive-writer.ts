import { createGzip, type Gzip } from 'node:zlib';

/** Part of the cap that is kept of the log's head; the rest is its tail, where failures usually stand. */
const HEAD_SHARE = 0.25;

/**
 * Compresses the redacted log while it is being analysed, in memory bounded by `maxChars`: a longer log keeps its
 * head and tail, with a line between that says how much is left out.
 */
export class LogArchiveWriter {
  private readonly gzip: Gzip = createGzip({ level: 6 });
  private readonly parts: Buffer[] = [];
  private readonly finished: Promise<void>;
  private readonly headChars: number;
  private readonly tail: string[] = [];
  private tailChars = 0;
  private written = 0;
  private total = 0;
  private lineBreaks = 0;
  private droppedLines = 0;
  private lastChar = '\n';

  constructor(private readonly maxChars: number) {
    this.headChars = Math.floor(maxChars * HEAD_SHARE);
    this.gzip.on('data', (part: Buffer) => this.parts.push(part));
    this.finished = new Promise((resolve, reject) => {
      this.gzip.once('end', resolve);
      this.gzip.once('error', reject);
    });
  }

  /** Redacted text in order; resolves when more may come. */
  async write(text: string): Promise<void> {
    if (text === '') return;
    this.total += text.length;
    this.lineBreaks += countLineBreaks(text);
    this.lastChar = text[text.length - 1]!;
    const room = Math.max(0, this.headChars - this.written);
    if (room > 0) await this.compress(text.slice(0, room));
    if (text.length > room) this.keepTail(text.slice(room));
  }

  async end(): Promise<{ gzip: Uint8Array; lines: number; chars: number; truncated: boolean }> {
    const truncated = this.total - this.written > this.tailChars;
    if (truncated) {
      await this.compress(
        `\n[… ${this.droppedLines} lines left out: the log is longer than the archive keeps …]\n`,
      );
    }
    for (const text of this.tail) await this.compress(text);
    this.gzip.end();
    await this.finished;
    const lines = this.lineBreaks + (this.lastChar === '\n' ? 0 : 1);
    return { gzip: Buffer.concat(this.parts), lines, chars: this.total, truncated };
  }

  private keepTail(text: string): void {
    this.tail.push(text);
    this.tailChars += text.length;
    const tailLimit = this.maxChars - this.headChars;
    while (this.tail.length > 1 && this.tailChars - this.tail[0]!.length >= tailLimit) {
      const dropped = this.tail.shift()!;
      this.tailChars -= dropped.length;
      this.droppedLines += countLineBreaks(dropped);
    }
  }

  private async compress(text: string): Promise<void> {
    this.written += text.length;
    if (!this.gzip.write(text)) await new Promise((resolve) => this.gzip.once('drain', resolve));
  }
}

function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
