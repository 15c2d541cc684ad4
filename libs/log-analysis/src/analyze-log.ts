import { UnreadableLog } from '@app/domain';
import { openSource, type LogSource } from './reader/byte-source.js';
import { Cooperation } from './reader/cooperation.js';
import { detectFormat, type LogFormat } from './reader/format.js';
import { LineReader } from './reader/line-reader.js';
import { LogScan } from './log-scan.js';
import type { AnalyzeOptions, LogAnalysis } from './options.js';
import { evidenceOf, findingsOf } from './ranking/evidence.js';
import { buildExcerpt } from './ranking/excerpt.js';
import { decisiveStep, primaryOf, rankHits } from './ranking/rank.js';
import { FINGERPRINT_VERSION, fingerprintOf, signatureOf } from './signature/fingerprint.js';
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
  const { scan, reader, format } = await scanLog(source, options);
  const { collector, tracker } = scan;
  collector.finish();
  const decisive = decisiveStep(tracker.steps, options.failedStep);
  const ranked = rankHits(collector.hits, tracker.steps, decisive);
  const failed = options.knownFailed === true || jobFailed(format, tracker, ranked);
  if (failed && !ranked.some((hit) => hit.score >= 40)) collector.keepTail(TAIL_LINES);
  const primary = failed ? primaryOf(ranked) : null;
  const step = primary ? (tracker.steps[primary.step] ?? decisive) : decisive;
  const excerpt = buildExcerpt(failed ? ranked : [], primary, failed ? collector.kept : new Map(), {
    maxLines: options.maxLines ?? DEFAULT_MAX_LINES,
    maxChars: options.maxChars ?? DEFAULT_MAX_CHARS,
  });
  const verdict = verdictOf(ranked, primary, step, collector.matches);
  const title = step ? stepTitle(step) : '';
  return {
    format,
    failed,
    lines: scan.lines,
    bytes: reader.bytes,
    redactions: scan.redactor.count,
    failedStep: failed ? (options.failedStep ?? (title === '' ? null : title)) : null,
    verdict,
    primary: primary ? { line: primary.no, text: primary.text.trim() } : null,
    evidence: failed ? evidenceOf(ranked, primary, collector.kept) : [],
    findings: failed ? findingsOf(ranked) : [],
    excerpt: excerpt.text,
    signature: signatureOf(ranked, primary),
    fingerprint: fingerprintOf(verdict.category, ranked, primary),
    fingerprintVersion: FINGERPRINT_VERSION,
  };
}

async function scanLog(source: LogSource, options: AnalyzeOptions) {
  const { archive, pieces } = await openSource(source);
  const cooperation = new Cooperation(options.signal);
  const { onText } = options;
  let scan: LogScan | null = null;
  let reader: LineReader | null = null;
  let format: LogFormat = 'plain';
  const handOn = async (text: string) => {
    if (onText && text !== '') await onText(text);
  };
  for await (const piece of pieces) {
    if (!scan || !reader) {
      format = archive ? 'gha-archive' : detectFormat(piece.toString('utf8'));
      scan = new LogScan(format);
      reader = new LineReader(scan.scanner, scan.hits, scan, onText !== undefined);
    }
    await handOn(reader.read(piece));
    await cooperation.pause();
  }
  if (!scan || !reader) throw new UnreadableLog('The log is empty.');
  await handOn(reader.finish());
  if (!scan.anyText) throw new UnreadableLog('The log is empty.', { bytes: reader.bytes });
  scan.tracker.end(scan.lines);
  return { scan, reader, format };
}
