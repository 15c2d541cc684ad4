import type { Citation, Evidence, FailureContext, RootCauseAnalysis } from '@app/domain';
import { anchorCitation, maskVariableParts } from '@app/log-analysis';

const MIN_MASKED_CHARS = 4;

/**
 * A root cause that was found in an equal log, citing this one: a quote that holds a time, a path or another variable
 * part becomes the line of this log that equals it but for those. Null when the answer cited and nothing of it stands
 * in this log.
 */
export function withRenewedCitations(
  answer: RootCauseAnalysis,
  context: FailureContext,
): RootCauseAnalysis | null {
  const citations = answer.citations
    .map((citation) => renewed(citation, context.evidence))
    .filter((citation) => citation !== null);
  if (answer.citations.length > 0 && citations.length === 0) return null;
  return { ...answer, citations };
}

function renewed(citation: Citation, evidence: readonly Evidence[]): Citation | null {
  if (anchorCitation(citation, evidence) !== null) return citation;
  const wanted = maskVariableParts(citation.quote);
  if (wanted.length < MIN_MASKED_CHARS) return null;
  const lines = evidence.find(({ id }) => id === citation.evidenceId)?.text.split('\n') ?? [];
  const line = lines.find((candidate) => maskVariableParts(candidate).includes(wanted));
  return line === undefined ? null : { evidenceId: citation.evidenceId, quote: line.trim() };
}
