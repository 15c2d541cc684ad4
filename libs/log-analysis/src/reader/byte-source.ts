import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnreadableLog } from '@app/domain';
import { MAX_UNPACKED_BYTES, PIECE_BYTES } from './limits.js';
import { collectArchive, readLogArchive, type ArchivePart } from './log-archive.js';

export type LogSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | Uint8Array | string;

export interface OpenedSource {
  /** The files of a zip of logs, each there before its bytes come; null for anything else. */
  readonly parts: readonly ArchivePart[] | null;
  /** UTF-8 bytes in pieces of at most `PIECE_BYTES`. */
  readonly pieces: AsyncIterable<Buffer>;
}

/**
 * Opens whatever a caller holds (text, bytes, streams; plain, gzip, a zip of step logs; UTF-8 or UTF-16) as pieces
 * of UTF-8 bytes, never more than a piece at a time.
 * @throws UnreadableLog for binary content and for archives that unpack beyond the limits.
 */
export async function openSource(source: LogSource): Promise<OpenedSource> {
  const chunks =
    typeof source === 'string' ? encode(source) : source instanceof Uint8Array ? one(source) : source;
  const { head, rest } = await peek(chunks);
  if (head[0] === 0x1f && head[1] === 0x8b) return { parts: null, pieces: cut(gunzip(rest)) };
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04) {
    const parts: ArchivePart[] = [];
    return { parts, pieces: cut(readLogArchive(await collectArchive(rest), parts)) };
  }
  const utf16 = utf16Flavour(head);
  if (utf16) return { parts: null, pieces: cut(transcode(cut(rest), utf16)) };
  if (looksBinary(head)) {
    throw new UnreadableLog('The log is binary: expected text, a gzip or a zip of step logs.', {
      bytes: head.length,
    });
  }
  return { parts: null, pieces: cut(rest) };
}

function* one(bytes: Uint8Array): Iterable<Uint8Array> {
  yield bytes;
}

const HEAD_BYTES = 4_096;

/** The first bytes, and a stream that still yields them. */
async function peek(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  const iterator = (Symbol.asyncIterator in chunks ? chunks : Readable.from(chunks, { objectMode: true }))[
    Symbol.asyncIterator
  ]() as AsyncIterator<Uint8Array>;
  const taken: Uint8Array[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const step = await iterator.next();
    if (step.done) break;
    taken.push(step.value);
    size += step.value.length;
  }
  const head = Buffer.concat(taken.map((chunk) => chunk.subarray(0, HEAD_BYTES))).subarray(0, HEAD_BYTES);
  async function* rest(): AsyncIterable<Uint8Array> {
    yield* taken;
    try {
      for (let step = await iterator.next(); !step.done; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, rest: rest() };
}

/** Pieces of even size: large chunks are cut, small ones gathered (the format is told from the first piece). */
async function* cut(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (size + rest.length >= PIECE_BYTES) {
      const part = rest.subarray(0, PIECE_BYTES - size);
      yield waiting.length === 0
        ? Buffer.from(part.buffer, part.byteOffset, part.length)
        : Buffer.concat([...waiting, part]);
      rest = rest.subarray(part.length);
      waiting = [];
      size = 0;
    }
    if (rest.length > 0) {
      waiting.push(rest);
      size += rest.length;
    }
  }
  if (size > 0) yield Buffer.concat(waiting);
}

async function* encode(text: string): AsyncIterable<Buffer> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + PIECE_BYTES);
    const last = text.charCodeAt(end - 1);
    // a surrogate pair stays whole
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
    if (end === at) end += 1;
    yield Buffer.from(text.slice(at, end), 'utf8');
    at = end;
  }
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let size = 0;
  const unpacked = createGunzip();
  // the outcome is read below, from `unpacked`: a failing source ends it with the source's error
  pipeline(Readable.from(chunks), unpacked, () => {});
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_UNPACKED_BYTES)
        throw new UnreadableLog('The log unpacks to more than is read.', { bytes: size });
      yield chunk;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    // a download cut short: what was unpacked so far is still a log
    if (size === 0) throw new UnreadableLog('The gzip holding the log is damaged.', {}, { cause: error });
  }
}

function isZlibError(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

function utf16Flavour(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head.length < 64) return null;
  const zeros = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]! += 1;
  });
  // Latin text as UTF-16 has a zero in almost every other byte
  if (zeros[1]! > head.length * 0.35 && zeros[0]! < head.length * 0.05) return 'utf-16le';
  if (zeros[0]! > head.length * 0.35 && zeros[1]! < head.length * 0.05) return 'utf-16be';
  return null;
}

async function* transcode(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8');
  yield Buffer.from(decoder.decode(), 'utf8');
}

/**
 * More than one control byte in ten that no terminal output has, or fewer of them among bytes that are not UTF-8
 * either: a log in an old encoding has such bytes, but no control bytes with them.
 */
function looksBinary(head: Buffer): boolean {
  let odd = 0;
  for (const byte of head) {
    if (byte < 7 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32)) odd += 1;
  }
  if (odd > head.length * 0.1) return true;
  if (odd <= head.length * 0.02) return false;
  return head.toString('utf8').split('\ufffd').length - 1 > head.length * 0.1;
}
