import type { AnchoredCitation, Citation, Evidence } from '@app/domain';
import { stripControls } from './reader/ansi.js';

/** Shorter quotes prove nothing. */
const MIN_QUOTE_CHARS = 4;
/** Format characters show nothing: a reader who copies a line leaves them out. */
const INVISIBLE = /\p{Cf}/gu;

/**
 * Finds a citation's quote in the evidence it names: verbatim after clean-up (controls out, blanks folded).
 * @returns the citation with the line of this log where the quote starts; null when the evidence doesn't exist or
 * doesn't say so.
 */
export function anchorCitation(citation: Citation, evidence: readonly Evidence[]): AnchoredCitation | null {
  const cited = evidence.find((item) => item.id === citation.evidenceId);
  if (!cited) return null;
  const quote = fold(citation.quote);
  if (quote.length < MIN_QUOTE_CHARS) return null;
  const lines = cited.text.split('\n').map(fold);
  const within = lines.findIndex((line) => line.includes(quote));
  if (within >= 0) return { ...citation, line: cited.startLine + within };
  // a quote over several lines: blanks and line ends are the same after folding
  const starts: number[] = [];
  let joined = '';
  for (const line of lines) {
    starts.push(joined.length);
    if (line !== '') joined += `${line} `;
  }
  const at = joined.indexOf(quote);
  if (at < 0) return null;
  const line = starts.findLastIndex((start) => start <= at);
  return { ...citation, line: cited.startLine + line };
}

function fold(text: string): string {
  return stripControls(text).replace(INVISIBLE, '').replace(/\s+/g, ' ').trim();
}
