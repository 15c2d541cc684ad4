import { DomainError } from '@app/domain';
import type { DocumentKind } from './read-text.js';

const BY_TYPE: Readonly<Record<string, DocumentKind>> = {
  'text/markdown': 'markdown',
  'text/x-markdown': 'markdown',
  'text/plain': 'text',
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'application/pdf': 'pdf',
};
const BY_EXTENSION: Readonly<Record<string, DocumentKind>> = {
  md: 'markdown',
  markdown: 'markdown',
  txt: 'text',
  text: 'text',
  htm: 'html',
  html: 'html',
  xhtml: 'html',
  pdf: 'pdf',
};
const TYPE_OF: Readonly<Record<DocumentKind, string>> = {
  markdown: 'text/markdown',
  text: 'text/plain',
  html: 'text/html',
  pdf: 'application/pdf',
};
const PDF_MARK = '%PDF-';
/** Readers accept the mark within the first kilobyte. */
const MARK_WITHIN = 1_024;

export class UnsupportedDocumentType extends DomainError {
  readonly code = 'unsupported_document_type';
  constructor(found: string) {
    super(`${found} can't be read. Markdown, plain text, HTML and PDF can.`, { found });
  }
}

export interface DescribedDocument {
  readonly contentType: string | null;
  /** A file's name or the last part of a URL's path. */
  readonly filename: string | null;
  readonly bytes: Uint8Array;
}

/**
 * What a document is: by its beginning, its type, then its name's ending, for senders that know no type.
 * @throws UnsupportedDocumentType
 */
export function kindOf({ contentType, filename, bytes }: DescribedDocument): {
  readonly kind: DocumentKind;
  readonly contentType: string;
  readonly charset: string | null;
} {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const byName = BY_EXTENSION[/\.([a-z]+)$/.exec((filename ?? '').toLowerCase())?.[1] ?? ''];
  const byType = BY_TYPE[type];
  const isUntyped = type === '' || type === 'application/octet-stream';
  // Many servers know Markdown as plain text.
  const said = byType === 'text' ? (byName ?? 'text') : (byType ?? (isUntyped ? byName : undefined));
  const isPdf = Buffer.from(bytes.subarray(0, MARK_WITHIN)).toString('latin1').includes(PDF_MARK);
  if (said === undefined)
    throw new UnsupportedDocumentType(isUntyped ? (filename ?? 'A file of no type') : type);
  if (said === 'pdf' && !isPdf) throw new UnsupportedDocumentType('A file that calls itself PDF and is none');
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  return { kind: said, contentType: TYPE_OF[said], charset: charset?.replaceAll('"', '') ?? null };
}
