import type { LogAnalysis } from '@app/log-analysis';

/** One line of `analyze --json`. `category` is null for a log without a failure. */
export function jsonRow(file: string, analysis: LogAnalysis, ms: number): Record<string, unknown> {
  const { failed, verdict } = analysis;
  return {
    file,
    failed,
    category: failed ? verdict.category : null,
    subcategory: failed ? verdict.subcategory : null,
    confidence: verdict.confidence,
    determinism: failed ? verdict.determinism : null,
    primary: analysis.primary,
    evidence: analysis.evidence.map(({ startLine, endLine, text }) => ({ startLine, endLine, text })),
    excerpt: analysis.excerpt,
    fingerprint: failed ? analysis.fingerprint : null,
    signature: analysis.signature,
    rootCause: failed ? verdict.rootCause : null,
    suggestion: failed ? verdict.suggestion : null,
    ms: Math.round(ms * 10) / 10,
  };
}
