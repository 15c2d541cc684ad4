import type { ArchivedLog, CiStep, LogBaseline, LogReport } from '@app/domain';
import { analyzeLog } from '@app/log-analysis';
import { LogArchiveWriter } from './log-archive-writer.js';

/** Findings kept in a report; a cascade of thousands says no more than its first hundred. */
const MAX_FINDINGS = 100;

export type AnalyzedLog = Pick<ArchivedLog, 'gzip' | 'lines' | 'chars' | 'truncated'> & {
  readonly report: LogReport;
};

/**
 * Redacts, analyses and compresses a failed job's log in one pass.
 * @throws UnreadableLog for an empty or binary log
 */
export async function analyzeAndArchive(
  content: AsyncIterable<Uint8Array> | Uint8Array,
  options: {
    maxArchivedChars: number;
    failedStep: string | null;
    steps?: readonly CiStep[];
    baseline?: LogBaseline;
    signal?: AbortSignal;
  },
): Promise<AnalyzedLog> {
  const writer = new LogArchiveWriter(options.maxArchivedChars);
  const startedAt = performance.now();
  const analysis = await analyzeLog(content, {
    knownFailed: true,
    failedStep: options.failedStep,
    steps: options.steps,
    baseline: options.baseline,
    onText: (text) => writer.write(text),
    signal: options.signal,
  });
  const written = await writer.end();
  return {
    ...written,
    report: {
      format: analysis.format,
      lines: analysis.lines,
      bytes: analysis.bytes,
      redactions: analysis.redactions,
      failedStep: analysis.failedStep ?? options.failedStep,
      primary: analysis.primary,
      evidence: analysis.evidence,
      findings: analysis.findings.slice(0, MAX_FINDINGS),
      excerpt: analysis.excerpt,
      signature: analysis.signature,
      fingerprint: analysis.fingerprint,
      verdict: analysis.verdict,
      ms: Math.round(performance.now() - startedAt),
    },
  };
}
