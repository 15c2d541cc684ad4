export type DocumentKind = 'markdown' | 'text' | 'html' | 'pdf';

/** Text under its headings, as it stands in a document. */
export interface Section {
  /** The outermost first. */
  readonly headings: readonly string[];
  readonly text: string;
}

/** A document as text. */
export interface ReadText {
  /** As the document names itself; null when it doesn't. */
  readonly title: string | null;
  readonly sections: readonly Section[];
}

/** Bounds of what a document may become. */
export interface ReadLimits {
  readonly maxPages: number;
  readonly maxChars: number;
}

/** What is wrong with a document, in words for whoever sent it. */
export class CannotRead extends Error {}
