import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import type { CacheSaving } from '@app/domain';
import { fromTaggedJson, toTaggedJson } from './tagged-json.js';

/**
 * What a stored entry looks like, in bytes (redis/scripts.ts reads and writes the same places):
 *
 *     0       magic 0xDF
 *     1       schema version
 *     2       flags: 1 = body is deflated, 2 = no value, only a lease, 4 = the JSON has tags,
 *             8 = a number that is counted up: the body is its digits, and the checksum is that of scripts.ts
 *     3…10    lease: held until, Redis' milliseconds since 1970 (float64); 0 without one
 *     11…26   lease: the holder's token
 *     27…30   CRC-32 of all that follows, begun with a hash of the entry's name and the flags
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
export const SCHEMA_VERSION = 4;
export const HEADER_BYTES = 71;
export const GENERATION_BYTES = 8;
const DEFLATED = 1;
const EMPTY = 2;
const TAGGED = 4;
export const COUNTED = 8;
const CHECKED_FROM = 31;
const GENERATION_AT = 47;
const MAX_DIGITS = 17;

/** Below this deflating costs more than it saves. */
const COMPRESS_FROM_BYTES = 1_024;
/** What doesn't shrink to this share is kept as it is: each read would inflate it for nothing. */
const WORTH_DEFLATING = 0.9;
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

/** What an entry tells of itself. */
export interface EntryFacts {
  /** Milliseconds since 1970. */
  readonly freshUntil: number;
  readonly lifetimeMs: number;
  /** What each hit on it saves. */
  readonly saving: Required<CacheSaving>;
}

/**
 * @param facts with the generation that the entry is written in, GENERATION_BYTES characters of ASCII
 * @throws NotCacheable
 */
export async function encodeEntry(
  name: string,
  value: unknown,
  facts: EntryFacts & { readonly generation: string },
  compress: boolean,
): Promise<Buffer> {
  const { parts, bytes, tagged } = encodeBody(value);
  const deflated = compress && bytes > COMPRESS_FROM_BYTES ? await deflate(parts, bytes) : null;
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = MAGIC;
  header[1] = SCHEMA_VERSION;
  header[2] = (deflated === null ? 0 : DEFLATED) | (tagged ? TAGGED : 0);
  header.writeDoubleBE(facts.freshUntil, 31);
  header.writeDoubleBE(facts.lifetimeMs, 39);
  header.write(facts.generation.padEnd(GENERATION_BYTES), GENERATION_AT, GENERATION_BYTES, 'latin1');
  header.writeDoubleBE(facts.saving.costUsd, 55);
  header.writeFloatBE(facts.saving.latencyMs, 63);
  header.writeUInt32BE(facts.saving.calls, 67);
  const entry = Buffer.concat([header, ...(deflated ?? parts)]);
  entry.writeUInt32BE(checksum(name, entry), 27);
  return entry;
}

/**
 * The facts of an entry from its header alone; null when it holds only a lease.
 * @throws UnreadableEntry
 */
export function factsOf(entry: Buffer): EntryFacts | null {
  checkHeader(entry);
  if ((entry[2]! & EMPTY) !== 0) return null;
  return {
    freshUntil: entry.readDoubleBE(31),
    lifetimeMs: entry.readDoubleBE(39),
    saving: {
      costUsd: entry.readDoubleBE(55),
      latencyMs: entry.readFloatBE(63),
      calls: entry.readUInt32BE(67),
    },
  };
}

/** Whether an entry that `factsOf` has read was written in this generation. */
export function isOfGeneration(entry: Buffer, generation: string | null): boolean {
  if (generation?.length !== GENERATION_BYTES) return false;
  // Byte by byte: a text of its own would cost as much as the checksum.
  for (let index = 0; index < GENERATION_BYTES; index += 1)
    if (entry[GENERATION_AT + index] !== generation.charCodeAt(index)) return false;
  return true;
}

/**
 * The value of an entry that `factsOf` has read: at once, or a promise of it where inflating takes long.
 * @throws UnreadableEntry
 */
export function decodeEntry(name: string, entry: Buffer): unknown {
  checkHeader(entry);
  if ((entry[2]! & COUNTED) !== 0) return countedNumber(name, entry);
  if (checksum(name, entry) !== entry.readUInt32BE(27)) throw new UnreadableEntry('its checksum is wrong');
  const tagged = (entry[2]! & TAGGED) !== 0;
  if ((entry[2]! & DEFLATED) === 0) return readBody(entry, HEADER_BYTES, tagged);
  const body = entry.subarray(HEADER_BYTES);
  if (body.length > ASYNC_FROM_BYTES)
    return inflateAsync(body, INFLATE_OPTIONS).then((inflated) => readBody(inflated, 0, tagged), damaged);
  return readBody(inflated(body), 0, tagged);
}

function checkHeader(entry: Buffer): void {
  if (entry.length < HEADER_BYTES || entry[0] !== MAGIC) throw new UnreadableEntry('it has no header');
  if (entry[1] !== SCHEMA_VERSION)
    throw new UnreadableEntry(`it has schema version ${entry[1]}, not ${SCHEMA_VERSION}`);
}

/** What the script ADD has written: Lua has no CRC-32, so that its checksum is the beginning of a SHA-1. */
function countedNumber(name: string, entry: Buffer): number {
  const digits = entry.toString('latin1', HEADER_BYTES, HEADER_BYTES + MAX_DIGITS);
  const hash = createHash('sha1').update(name).update(entry.subarray(CHECKED_FROM));
  if (hash.digest().readUInt32BE(0) !== entry.readUInt32BE(27) || entry[2] !== COUNTED)
    throw new UnreadableEntry('its checksum is wrong');
  return Number(digits);
}

function inflated(body: Buffer): Buffer {
  try {
    return inflateRawSync(body, INFLATE_OPTIONS);
  } catch (error) {
    return damaged(error);
  }
}

function readBody(bytes: Buffer, from: number, tagged: boolean): unknown {
  try {
    return decodeBody(bytes, from, tagged);
  } catch (error) {
    return damaged(error);
  }
}

function damaged(error: unknown): never {
  throw new UnreadableEntry('its body is damaged', { cause: error });
}

function checksum(name: string, entry: Buffer): number {
  return crc32(entry.subarray(CHECKED_FROM), hashOfName(name, entry[2]!));
}

/** FNV-1a, 32 bits: for a text this short it takes a fraction of a call of zlib. */
function hashOfName(name: string, flags: number): number {
  let hash = 0x811c9dc5 ^ flags;
  for (let index = 0; index < name.length; index += 1)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** Null when it doesn't pay. */
async function deflate(parts: readonly Uint8Array[], bytes: number): Promise<[Buffer] | null> {
  const body = Buffer.concat(parts, bytes);
  const deflated =
    bytes > ASYNC_FROM_BYTES
      ? await deflateAsync(body, DEFLATE_OPTIONS)
      : deflateRawSync(body, DEFLATE_OPTIONS);
  return deflated.length < bytes * WORTH_DEFLATING ? [deflated] : null;
}

interface EncodedBody {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
  readonly tagged: boolean;
}

function encodeBody(value: unknown): EncodedBody {
  const { json, attachments, tagged } = toTaggedJson(value);
  const text = Buffer.from(json);
  const lengths = [attachments.length, ...attachments.map((bytes) => bytes.length), text.length];
  const header = Buffer.allocUnsafe(4 * lengths.length);
  lengths.forEach((length, index) => header.writeUInt32BE(length, 4 * index));
  const parts = [header, text, ...attachments];
  return { parts, bytes: parts.reduce((sum, part) => sum + part.length, 0), tagged };
}

/** @param from where the body begins in `bytes` */
function decodeBody(bytes: Buffer, from: number, tagged: boolean): unknown {
  const count = bytes.readUInt32BE(from);
  let offset = from + 4 * (count + 2);
  const take = (part: number): { start: number; end: number } => {
    const start = offset;
    offset += bytes.readUInt32BE(from + 4 * (part + 1));
    if (offset > bytes.length) throw new RangeError('A part of the entry is missing.');
    return { start, end: offset };
  };
  const text = take(count);
  const json = bytes.toString('utf8', text.start, text.end);
  if (!tagged) return fromTaggedJson({ json, attachments: [], tagged });
  const attachments = Array.from({ length: count }, (_, index) => {
    const { start, end } = take(index);
    return bytes.subarray(start, end);
  });
  return fromTaggedJson({ json, attachments, tagged });
}
