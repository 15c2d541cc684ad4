import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import type { CacheSaving } from '@app/domain';
import { fromTaggedJson, toTaggedJson } from './tagged-json.js';

/**
 * What a stored entry looks like, in bytes (redis/scripts.ts reads and writes the same places):
 *
 *     0       magic 0xDF
 *     1       schema version
 *     2       flags: 1 = body is deflated, 2 = no value, only a lease
 *     3…10    lease: held until, Redis' milliseconds since 1970 (float64); 0 without one
 *     11…26   lease: the holder's token
 *     27…30   CRC-32 over the entry's name, the flags and all that follows
 *     31…38   fresh until, milliseconds since 1970 (float64)
 *     39…46   lifetime, milliseconds (float64)
 *     47…54   generation of the namespace it was written in
 *     55…62   what a hit saves: dollars (float64)
 *     63…66   milliseconds (float32)
 *     67…70   calls (uint32)
 *     71…     body: count of attachments and the length of each (uint32), length of the JSON (uint32), JSON, attachments
 *
 * The name is in the checksum so that an answer that came for another key is never taken for this one's.
 */
export const MAGIC = 0xdf;
/** Raised whenever stored bytes would be read differently: entries of another version are misses. */
export const SCHEMA_VERSION = 3;
export const HEADER_BYTES = 71;
export const GENERATION_BYTES = 8;
const DEFLATED = 1;
const EMPTY = 2;
const CHECKED_FROM = 31;

/** Below this deflating costs more than it saves. */
const COMPRESS_FROM_BYTES = 1_024;
/** Above this it is done off the event loop (deflating 64 KiB at level 1 takes about 1 ms). */
const ASYNC_FROM_BYTES = 65_536;
const DEFLATE_OPTIONS = { level: 1 } as const;
/** A body never grows beyond this when inflated, whoever wrote it. */
const INFLATE_OPTIONS = { maxOutputLength: 1_073_741_824 } as const;

const deflateAsync = promisify<Uint8Array, typeof DEFLATE_OPTIONS, Buffer>(deflateRaw);
const inflateAsync = promisify<Uint8Array, typeof INFLATE_OPTIONS, Buffer>(inflateRaw);

/** The bytes can't be read as an entry of this version: damaged, written by another version, or under another name. */
export class UnreadableEntry extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`A cache entry can't be read: ${reason}.`, options);
    this.name = 'UnreadableEntry';
  }
}

/** Times of an entry, and what it was written in. */
export interface EntryFacts {
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  readonly lifetimeMs: number;
  /** GENERATION_BYTES characters of ASCII. */
  readonly generation: string;
  /** What each hit on it saves. */
  readonly saving: Required<CacheSaving>;
}

/** @throws NotCacheable */
export async function encodeEntry(
  name: string,
  value: unknown,
  facts: EntryFacts,
  compress: boolean,
): Promise<Buffer> {
  const plain = encodeBody(value);
  const deflated = compress && plain.length > COMPRESS_FROM_BYTES;
  const body = deflated ? await deflate(plain) : plain;
  const entry = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  entry.fill(0, 0, CHECKED_FROM);
  entry[0] = MAGIC;
  entry[1] = SCHEMA_VERSION;
  entry[2] = deflated ? DEFLATED : 0;
  entry.writeDoubleBE(facts.freshUntil, 31);
  entry.writeDoubleBE(facts.lifetimeMs, 39);
  entry.write(facts.generation.padEnd(GENERATION_BYTES), 47, GENERATION_BYTES, 'latin1');
  entry.writeDoubleBE(facts.saving.costUsd, 55);
  entry.writeFloatBE(facts.saving.latencyMs, 63);
  entry.writeUInt32BE(facts.saving.calls, 67);
  body.copy(entry, HEADER_BYTES);
  entry.writeUInt32BE(checksum(name, entry), 27);
  return entry;
}

/**
 * The facts of an entry from its header alone; null when it holds only a lease.
 * @throws UnreadableEntry
 */
export function factsOf(entry: Buffer): EntryFacts | null {
  if (entry.length < HEADER_BYTES || entry[0] !== MAGIC) throw new UnreadableEntry('it has no header');
  if (entry[1] !== SCHEMA_VERSION)
    throw new UnreadableEntry(`it has schema version ${entry[1]}, not ${SCHEMA_VERSION}`);
  if ((entry[2]! & EMPTY) !== 0) return null;
  return {
    freshUntil: entry.readDoubleBE(31),
    lifetimeMs: entry.readDoubleBE(39),
    generation: entry.toString('latin1', 47, 47 + GENERATION_BYTES),
    saving: {
      costUsd: entry.readDoubleBE(55),
      latencyMs: entry.readFloatBE(63),
      calls: entry.readUInt32BE(67),
    },
  };
}

/**
 * The value of an entry that `factsOf` has read: at once, or a promise of it where inflating takes long.
 * @throws UnreadableEntry
 */
export function decodeEntry(name: string, entry: Buffer): unknown {
  factsOf(entry);
  if (checksum(name, entry) !== entry.readUInt32BE(27)) throw new UnreadableEntry('its checksum is wrong');
  const body = entry.subarray(HEADER_BYTES);
  const deflated = (entry[2]! & DEFLATED) !== 0;
  if (deflated && body.length > ASYNC_FROM_BYTES)
    return inflateAsync(body, INFLATE_OPTIONS).then(readBody, damaged);
  try {
    return decodeBody(deflated ? inflateRawSync(body, INFLATE_OPTIONS) : body);
  } catch (error) {
    return damaged(error);
  }
}

function readBody(body: Buffer): unknown {
  try {
    return decodeBody(body);
  } catch (error) {
    return damaged(error);
  }
}

function damaged(error: unknown): never {
  throw new UnreadableEntry('its body is damaged', { cause: error });
}

function checksum(name: string, entry: Buffer): number {
  return crc32(entry.subarray(CHECKED_FROM), crc32(name, entry[2]));
}

function deflate(body: Buffer): Buffer | Promise<Buffer> {
  return body.length > ASYNC_FROM_BYTES
    ? deflateAsync(body, DEFLATE_OPTIONS)
    : deflateRawSync(body, DEFLATE_OPTIONS);
}

function encodeBody(value: unknown): Buffer {
  const { json, attachments } = toTaggedJson(value);
  const text = Buffer.from(json);
  const lengths = [attachments.length, ...attachments.map((bytes) => bytes.length), text.length];
  const header = Buffer.allocUnsafe(4 * lengths.length);
  lengths.forEach((length, index) => header.writeUInt32BE(length, 4 * index));
  return Buffer.concat([header, text, ...attachments]);
}

function decodeBody(body: Buffer): unknown {
  const count = body.readUInt32BE(0);
  let offset = 4 * (count + 2);
  const take = (lengthAt: number): Buffer => {
    const end = offset + body.readUInt32BE(lengthAt);
    if (end > body.length) throw new RangeError('A part of the entry is missing.');
    const part = body.subarray(offset, end);
    offset = end;
    return part;
  };
  const json = take(4 * (count + 1)).toString();
  const attachments = Array.from({ length: count }, (_, index) => take(4 * (index + 1)));
  return fromTaggedJson({ json, attachments });
}
