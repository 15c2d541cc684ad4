import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { redactText } from '@app/log-analysis';
import type { RawLog } from '@app/domain';
import { gzipCapped } from './capped-gzip.js';

/** Text is redacted in pieces of whole lines of about this many characters. */
const PIECE_CHARS = 1_048_576;
/** A line longer than this is cut at white space, where a secret is least likely to stand. */
const MAX_LINE_CHARS = 4 * PIECE_CHARS;
/** A private key spans lines and is handed over in one piece; what is longer than this is no key. */
const MAX_KEY_CHARS = 65_536;
const KEY_BEGIN = '-----BEGIN ';
const KEY_END = '-----END ';

/**
 * The log with its secrets masked, line structure kept. Works in pieces, so memory holds the compressed logs and a
 * few megabytes, however long the log is. Fails as a whole when redaction does.
 */
export async function redactLog(raw: RawLog): Promise<RawLog> {
  const text = Readable.from([raw.gzip]).pipe(createGunzip());
  const { gzip, bytes } = await gzipCapped(redacted(text), Number.MAX_SAFE_INTEGER);
  return { gzip, bytes, truncated: raw.truncated };
}

async function* redacted(log: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  let nextCut = PIECE_CHARS;
  for await (const chunk of log) {
    pending += decoder.decode(chunk, { stream: true });
    if (pending.length < nextCut) continue;
    const end = safeCut(pending);
    if (end > 0) yield Buffer.from(redactText(pending.slice(0, end)).text);
    pending = pending.slice(end);
    nextCut = pending.length + PIECE_CHARS;
  }
  pending += decoder.decode();
  if (pending !== '') yield Buffer.from(redactText(pending).text);
}

/** Where a text can be cut so that no line and no private key is torn; 0 when there is no such place yet. */
function safeCut(text: string): number {
  const lineEnd = text.lastIndexOf('\n') + 1;
  if (lineEnd === 0) return text.length < MAX_LINE_CHARS ? 0 : text.lastIndexOf(' ') + 1 || text.length;
  const key = text.lastIndexOf(KEY_BEGIN, lineEnd);
  const isOpen = key >= 0 && text.indexOf(KEY_END, key) < 0 && lineEnd - key < MAX_KEY_CHARS;
  return isOpen ? text.lastIndexOf('\n', key) + 1 : lineEnd;
}
