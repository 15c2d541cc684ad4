import { readHtml } from './html-reader.js';
import { readMarkdown } from './markdown-reader.js';
import { readPdf } from './pdf-reader.js';
import { CannotRead, type DocumentKind, type ReadLimits, type ReadText } from './read-text.js';

export interface DocumentToRead {
  readonly kind: DocumentKind;
  readonly bytes: Uint8Array;
  /** As the sender named it. */
  readonly charset: string | null;
  readonly limits: ReadLimits;
}

const META_CHARSET = /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]+)/i;
const META_WITHIN = 2_048;

/** @throws CannotRead, and what the libraries throw */
export async function readDocument({ kind, bytes, charset, limits }: DocumentToRead): Promise<ReadText> {
  if (kind === 'pdf') return readPdf(bytes, limits);
  const text = decoded(bytes, charset, kind);
  if (kind === 'html') return readHtml(text, limits);
  if (kind === 'markdown') return readMarkdown(text, limits);
  if (text.length > limits.maxChars)
    throw new CannotRead(`it holds more than ${limits.maxChars} characters of text`);
  return { title: null, sections: [{ headings: [], text: text.trim() }] };
}

function decoded(bytes: Uint8Array, charset: string | null, kind: DocumentKind): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const named = charset ?? (kind === 'html' ? charsetOfPage(bytes) : null) ?? 'utf-8';
  const label = isUtf16 ? (bytes[0] === 0xff ? 'utf-16le' : 'utf-16be') : named;
  let text: string;
  try {
    text = new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    throw new CannotRead(`it is not text in the encoding ${label}`);
  }
  if (text.includes('\0')) throw new CannotRead('it is binary, not text');
  return text;
}

function charsetOfPage(bytes: Uint8Array): string | null {
  return META_CHARSET.exec(new TextDecoder('latin1').decode(bytes.subarray(0, META_WITHIN)))?.[1] ?? null;
}
