import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TextRedactor } from '@app/log-analysis';
import type { RawLog } from '@app/domain';
import { gzipCapped } from './capped-gzip.js';

/**
 * The log with its secrets masked, line structure kept. Works on the stream, so memory holds the compressed logs and
 * a line, however long the log is. Fails as a whole when redaction does.
 */
export async function redactLog(raw: RawLog): Promise<RawLog> {
  const text = Readable.from([raw.gzip]).pipe(createGunzip());
  const redactor = new TextRedactor();
  const { gzip, bytes } = await gzipCapped(redacted(text, redactor), Number.MAX_SAFE_INTEGER);
  return { gzip, bytes, truncated: raw.truncated, redactions: raw.redactions + redactor.count };
}

async function* redacted(log: AsyncIterable<Uint8Array>, redactor: TextRedactor): AsyncIterable<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const chunk of log) {
    const masked = redactor.push(decoder.decode(chunk, { stream: true }));
    if (masked !== '') yield Buffer.from(masked);
  }
  const rest = redactor.push(decoder.decode()) + redactor.end();
  if (rest !== '') yield Buffer.from(rest);
}
