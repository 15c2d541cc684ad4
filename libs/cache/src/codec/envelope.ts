import { promisify } from 'node:util';
import { crc32, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import type { CacheSaving } from '@app/domain';
import { fromTaggedJson, toTaggedJson } from './tagged-json.js';

/**
 * What a stored entry looks like, in bytes:
 *
 *     0     magic 0xDF
 *     1     schema version
 *     2     flags: 1 = body is deflated
 *     3…6   CRC-32 of the body as stored
 *     7…14  fresh until, milliseconds since 1970 (float64)
 *     15…22 what a hit saves: dollars (float64)
 *     23…26 milliseconds (float32)
 *     27…30 calls (uint32)
 *     31…   body: count of attachments and the length of each (uint32), length of the JSON (uint32), JSON, attachments
 */
const MAGIC = 0xdf;
/** Raised whenever stored bytes would be read differently: entries of another version are misses. */
const SCHEMA_VERSION = 2;
const HEADER_BYTES = 31;
const DEFLATED = 1;

/** Below this deflating costs more than it saves. */
const COMPRESS_FROM_BYTES = 1_024;
/** Above this it is done off the event loop (deflating 64 KiB at level 1 takes about 1 ms). */
const ASYNC_FROM_BYTES = 65_536;
const DEFLATE_OPTIONS = { level: 1 } as const;
/** A body never grows beyond this when inflated, whoever wrote it. */
const INFLATE_OPTIONS = { maxOutputLength: 1_073_741_824 } as const;

const deflateAsync = promisify<Uint8Array, typeof DEFLATE_OPTIONS, Buffer>(deflateRaw);
const inflateAsync = promisify<Uint8Array, typeof INFLATE_OPTIONS, Buffer>(inflateRaw);

/** The bytes can't be read as an entry of this version: damaged, or written by another version. */
export class UnreadableEntry extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(`A cache entry can't be read: ${reason}.`, options);
    this.name = 'UnreadableEntry';
  }
}

/**
 * @param freshUntil milliseconds since 1970
 * @throws NotCacheable
 */
export async function encodeEntry(
  value: unknown,
  freshUntil: number,
  compress: boolean,
  saving: CacheSaving = {},
): Promise<Buffer> {
  const plain = encodeBody(value);
  const deflated = compress && plain.length > COMPRESS_FROM_BYTES;
  const body = deflated ? await deflate(plain) : plain;
  const entry = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  entry[0] = MAGIC;
  entry[1] = SCHEMA_VERSION;
  entry[2] = deflated ? DEFLATED : 0;
  entry.writeUInt32BE(crc32(body), 3);
  entry.writeDoubleBE(freshUntil, 7);
  entry.writeDoubleBE(saving.costUsd ?? 0, 15);
  entry.writeFloatBE(saving.latencyMs ?? 0, 23);
  entry.writeUInt32BE(saving.calls ?? 0, 27);
  body.copy(entry, HEADER_BYTES);
  return entry;
}

/**
 * Until when the entry is fresh, read from the header alone.
 * @throws UnreadableEntry
 */
export function freshUntilOf(entry: Buffer): number {
  if (entry.length < HEADER_BYTES || entry[0] !== MAGIC) throw new UnreadableEntry('it has no header');
  if (entry[1] !== SCHEMA_VERSION)
    throw new UnreadableEntry(`it has schema version ${entry[1]}, not ${SCHEMA_VERSION}`);
  return entry.readDoubleBE(7);
}

/**
 * What a hit on the entry saves, read from the header alone.
 * @throws UnreadableEntry
 */
export function savingOf(entry: Buffer): Required<CacheSaving> {
  freshUntilOf(entry);
  return { costUsd: entry.readDoubleBE(15), latencyMs: entry.readFloatBE(23), calls: entry.readUInt32BE(27) };
}

/** @throws UnreadableEntry */
export async function decodeEntry(entry: Buffer): Promise<unknown> {
  freshUntilOf(entry);
  const body = entry.subarray(HEADER_BYTES);
  if (crc32(body) !== entry.readUInt32BE(3)) throw new UnreadableEntry('its checksum is wrong');
  try {
    return decodeBody((entry[2]! & DEFLATED) === 0 ? body : await inflate(body));
  } catch (error) {
    throw new UnreadableEntry('its body is damaged', { cause: error });
  }
}

function deflate(body: Buffer): Buffer | Promise<Buffer> {
  return body.length > ASYNC_FROM_BYTES
    ? deflateAsync(body, DEFLATE_OPTIONS)
    : deflateRawSync(body, DEFLATE_OPTIONS);
}

function inflate(body: Buffer): Buffer | Promise<Buffer> {
  return body.length > ASYNC_FROM_BYTES
    ? inflateAsync(body, INFLATE_OPTIONS)
    : inflateRawSync(body, INFLATE_OPTIONS);
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
