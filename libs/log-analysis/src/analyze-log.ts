import { BaselineDifference } from './baseline/baseline-difference.js';
import type { LogSource } from './reader/byte-source.js';
import { scanLog } from './scan-log.js';
import type { AnalyzeOptions, LogAnalysis } from './options.js';
import { evidenceOf, findingsOf } from './ranking/evidence.js';
import { buildExcerpt } from './ranking/excerpt.js';
import { isTelling, withLastWords } from './ranking/last-words.js';
import { decisiveStep, primaryOf, rankHits, type RankedHit } from './ranking/rank.js';
import { FINGERPRINT_VERSION, fingerprintOf, signatureOf } from './signature/fingerprint.js';
import { knownFailure, type KnownFailure } from './steps/known-failure.js';
import { stepTitle } from './steps/step-tracker.js';
import { jobFailed } from './verdict/failed.js';
import { verdictOf } from './verdict/verdict.js';

const DEFAULT_MAX_LINES = 120;
const DEFAULT_MAX_CHARS = 12_000;
/** Lines from the end that are kept when nothing explains a failure. */
const TAIL_LINES = 30;

/**
 * Reads a CI log once, in pieces and in bounded memory, and says what failed, where and why. Secrets are masked before
 * anything else sees a line. Gives the event loop a turn every few milliseconds.
 * @throws UnreadableLog for empty and binary input, damaged archives and zip bombs; the signal's reason when aborted.
 */
export async function analyzeLog(source: LogSource, options: AnalyzeOptions = {}): Promise<LogAnalysis> {
  const difference = options.baseline ? new BaselineDifference(options.baseline) : null;
  const { scan, reader, format } = await scanLog(source, {
    onText: options.onText,
    signal: options.signal,
    ...(difference ? { observer: difference } : {}),
  });
  const { collector, tracker } = scan;
  collector.finish();
  const known = options.steps ? knownFailure(tracker.steps, options.steps) : null;
  const failedStep = known?.name ?? options.failedStep;
  const decisive = known?.decisive ?? decisiveStep(tracker.steps, failedStep);
  if (!collector.hits.some(isTelling)) collector.keepTail(TAIL_LINES);
  const all = rankHits(
    withLastWords(collector.hits, decisive?.index ?? null, collector.kept),
    tracker.steps,
    decisive,
  );
  const failed = options.knownFailed === true || jobFailed(format, tracker, all);
  const ranked = difference ? difference.lower(all) : all;
  if (failed && !ranked.some((hit) => hit.score >= 40)) collector.keepTail(TAIL_LINES);
  const primary = failed ? primaryWithin(ranked, known) : null;
  const step = primary ? (tracker.steps[primary.step] ?? decisive) : decisive;
  const excerpt = buildExcerpt(
    failed ? ranked : [],
    primary,
    failed ? collector.kept : new Map(),
    { maxLines: options.maxLines ?? DEFAULT_MAX_LINES, maxChars: options.maxChars ?? DEFAULT_MAX_CHARS },
    difference?.knowsLine,
  );
  const named = step === decisive ? (failedStep ?? null) : null;
  const { verdict, certainty } = verdictOf(ranked, primary, step, collector.matches, named);
  const title = step ? stepTitle(step) : '';
  return {
    format,
    failed,
    lines: scan.lines,
    bytes: reader.bytes,
    redactions: scan.redactor.count,
    failedStep: failed ? (failedStep ?? (title === '' ? null : title)) : null,
    verdict,
    certainty,
    primary: primary ? { line: primary.no, text: primary.text.trim() } : null,
    evidence: failed ? evidenceOf(ranked, primary, collector.kept) : [],
    findings: failed ? findingsOf(ranked) : [],
    excerpt: excerpt.text,
    signature: signatureOf(ranked, primary),
    fingerprint: fingerprintOf(verdict.category, ranked, primary),
    fingerprintVersion: FINGERPRINT_VERSION,
  };
}

/** Where it is known which step failed, no line of another one is the first to read. */
function primaryWithin(ranked: readonly RankedHit[], known: KnownFailure | null): RankedHit | null {
  const inside = known ? ranked.filter(({ step }) => known.within.has(step)) : [];
  return primaryOf(inside.length > 0 ? inside : ranked);
}
