import type { Citation, FailureContext } from '@app/domain';
import { renewCitation } from '@app/log-analysis';

/**
 * An answer that was given for an equal log, citing this one: a quote that holds a time, a path or another variable
 * part becomes the line of this log that equals it but for those. Null when the answer cited and nothing of it stands
 * in this log.
 */
export function withRenewedCitations<T extends { readonly citations: readonly Citation[] }>(
  answer: T,
  context: FailureContext,
): T | null {
  const citations = answer.citations
    .map((citation) => renewCitation(citation, context.evidence))
    .filter((citation) => citation !== null)
    .map(({ evidenceId, quote }) => ({ evidenceId, quote }));
  if (answer.citations.length > 0 && citations.length === 0) return null;
  return { ...answer, citations };
}
