import type { RunbookPassage } from './failure-context.js';

/** `pending`: its passages are still being embedded. Only `ready` documents are found by a search. */
export const DOCUMENT_STATUSES = ['pending', 'ready', 'failed', 'cancelled'] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

export type DocumentOrigin = 'upload' | 'url';

/** A stretch of a document that is embedded and found as one. Redacted. */
export interface Passage {
  /** From 0, in the document's order. */
  readonly position: number;
  /** The headings it stands under, the outermost first; empty at the beginning of a document without any. */
  readonly headings: readonly string[];
  readonly text: string;
}

/** A runbook or another text that diagnoses and answers may rest on. All texts are redacted. */
export interface KnowledgeDocument {
  readonly id: string;
  /** Null: for every project. */
  readonly projectId: string | null;
  readonly title: string;
  readonly origin: DocumentOrigin;
  readonly filename: string | null;
  readonly url: string | null;
  /** Without parameters: `text/markdown`, `application/pdf` … */
  readonly contentType: string;
  /** Of the document as it came. */
  readonly sizeBytes: number;
  /** SHA-256 of the document as it came, hex: one content is kept once a project. */
  readonly contentHash: string;
  readonly status: DocumentStatus;
  readonly passages: number;
  readonly createdAt: Date;
  /** When it became findable. */
  readonly readyAt: Date | null;
}

export type NewDocument = Pick<
  KnowledgeDocument,
  'projectId' | 'title' | 'origin' | 'filename' | 'url' | 'contentType' | 'sizeBytes' | 'contentHash'
> & { readonly passages: readonly Passage[] };

/** A passage that a search found. `title` names the document and the headings above the text. */
export interface FoundPassage extends RunbookPassage {
  readonly documentId: string;
  readonly position: number;
  /** Null: of a document for every project. */
  readonly projectId: string | null;
  readonly url: string | null;
  /** Orders the passages of one search; says nothing across searches. */
  readonly score: number;
}
