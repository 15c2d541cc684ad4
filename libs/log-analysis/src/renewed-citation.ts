import type { AnchoredCitation, Citation, Evidence } from '@app/domain';
import { anchorCitation } from './citations.js';
import { maskVariableParts } from './signature/mask.js';

const MIN_MASKED_CHARS = 4;

/**
 * A citation of an earlier log of the same failure in this one: the line that equals the quote but for times, paths and
 * other variable parts, looked for in the evidence it names and then in the rest, whose order may have changed.
 * @returns the citation with this log's words and line; null when nothing of the kind stands here
 */
export function renewCitation(citation: Citation, evidence: readonly Evidence[]): AnchoredCitation | null {
  const anchored = anchorCitation(citation, evidence);
  if (anchored !== null) return anchored;
  const wanted = maskVariableParts(citation.quote);
  if (wanted.length < MIN_MASKED_CHARS) return null;
  const named = evidence.filter(({ id }) => id === citation.evidenceId);
  const others = evidence.filter(({ id }) => id !== citation.evidenceId);
  for (const { id, text, startLine } of [...named, ...others]) {
    const lines = text.split('\n');
    const at = lines.findIndex((line) => maskVariableParts(line).includes(wanted));
    if (at >= 0) return { evidenceId: id, quote: lines[at]!.trim(), line: startLine + at };
  }
  return null;
}
