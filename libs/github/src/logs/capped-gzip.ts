import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import type { RawLog } from '@app/domain';
import { TailBuffer } from './tail-buffer.js';

/** At most about this much of the cap goes to the log's end: that part is held uncompressed in memory. */
const MAX_TAIL_BYTES = 16 * 1024 * 1024;
/** How long a line the head may end with; a longer one is cut inside. */
const LINE_SLACK_BYTES = 64 * 1024;
/** A stream is read no further than this many times the cap: past it the far end is feeding us, not logging. */
const READ_FACTOR = 20;
const NEWLINE = 0x0a;

/**
 * Reads a log to its end and compresses it on the way. A log over `maxBytes` keeps its head and its tail, cut at
 * line ends (half a line could hide half a secret from redaction), with a marker line between that says how much
 * is missing. Holds the compressed log and about 16 MiB of tail.
 */
export async function gzipCapped(log: AsyncIterable<Uint8Array>, maxBytes: number): Promise<RawLog> {
  const head = new Head(maxBytes - Math.min(Math.floor(maxBytes / 2), MAX_TAIL_BYTES));
  let tail: TailBuffer | null = null;
  const gzip = createGzip({ level: 3 });
  const parts: Uint8Array[] = [];
  gzip.on('data', (part: Uint8Array) => parts.push(part));

  let read = 0;
  let goesOn = false;
  try {
    for await (const chunk of log) {
      read += chunk.length;
      const toHead = head.take(chunk);
      if (toHead.length > 0 && !gzip.write(toHead)) await once(gzip, 'drain');
      if (toHead.length < chunk.length) {
        tail ??= new TailBuffer(maxBytes - head.length);
        tail.push(chunk.subarray(toHead.length));
      }
      goesOn = read > maxBytes * READ_FACTOR;
      if (goesOn) break;
    }
    const end = tail?.bytes() ?? Buffer.alloc(0);
    const omitted = read - head.length - end.length;
    const kept = omitted > 0 ? afterMarker(end, omitted, head.endsLine) : end;
    const rest = goesOn ? Buffer.concat([kept, stoppedMarker(read)]) : kept;
    gzip.end(rest);
    await once(gzip, 'end');
    return { gzip: concat(parts), bytes: head.length + rest.length, truncated: omitted > 0, redactions: 0 };
  } finally {
    gzip.destroy();
  }
}

/** Decides how much of each chunk is still the head: `maxBytes` at most, ending at a line end where there is one. */
class Head {
  length = 0;
  endsLine = true;
  private full = false;
  /** From here on, the next line end is the head's end. */
  private readonly softMax: number;

  constructor(private readonly maxBytes: number) {
    this.softMax = maxBytes - Math.min(LINE_SLACK_BYTES, Math.floor(maxBytes / 2));
  }

  take(chunk: Uint8Array): Uint8Array {
    if (this.full || chunk.length === 0) return chunk.subarray(0, 0);
    const lineEnd = chunk.indexOf(NEWLINE, Math.max(0, this.softMax - this.length)) + 1;
    const room = this.maxBytes - this.length;
    const cut = lineEnd > 0 && lineEnd <= room ? lineEnd : Math.min(room, chunk.length);
    this.full = cut === lineEnd || cut === room;
    this.length += cut;
    this.endsLine = chunk[cut - 1] === NEWLINE;
    return chunk.subarray(0, cut);
  }
}

function afterMarker(tail: Buffer, omitted: number, headEndsLine: boolean): Buffer {
  const lineStart = tail.indexOf(NEWLINE) + 1;
  const marker = `${headEndsLine ? '' : '\n'}[devflowfix] ${omitted + lineStart} bytes of the log left out here\n`;
  return Buffer.concat([Buffer.from(marker), tail.subarray(lineStart)]);
}

function stoppedMarker(read: number): Buffer {
  return Buffer.from(`\n[devflowfix] the log goes on: reading stopped after ${read} bytes\n`);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.concat(parts);
  return new Uint8Array(buffer, byteOffset, length);
}
