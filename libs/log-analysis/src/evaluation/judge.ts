import type { FailureCategory } from '@app/domain';
import { cleanLine } from './clean-line.js';
import type { ManifestRow } from './manifest.js';

/** What the analysis said of one log. */
export interface Prediction {
  readonly failed: boolean;
  /** Null for a log without a failure. */
  readonly category: FailureCategory | null;
  readonly confidence: number;
  readonly excerpt: string;
  /** Text of the first-ranked line. */
  readonly primary: string | null;
  readonly fingerprint: string | null;
  readonly ms: number;
  /** Size of the log that was read. */
  readonly log: LogSize;
}

export interface LogSize {
  readonly lines: number;
  /** Unicode code points. */
  readonly chars: number;
  readonly bytes: number;
}

/** Room that the excerpt may take; a longer one is cut here before it is judged. */
export interface JudgeLimits {
  readonly maxLines: number;
  readonly maxChars: number;
}

/** One log's prediction held against its label. */
export interface Judgement {
  readonly row: ManifestRow;
  readonly prediction: Prediction | null;
  readonly labels: readonly string[];
  /** Labelled lines that the excerpt doesn't show. */
  readonly missing: readonly string[];
  /** Every labelled line stands in the excerpt. */
  readonly strict: boolean;
  /** At least one does. */
  readonly lenient: boolean;
  /** The first-ranked line is a labelled one. */
  readonly primary: boolean;
  readonly categoryRight: boolean;
  readonly excerpt: { readonly lines: number; readonly chars: number; readonly over: boolean };
}

/** A prediction of null counts as "no failure, nothing shown". */
export function judge(row: ManifestRow, prediction: Prediction | null, limits: JudgeLimits): Judgement {
  const excerpt = cut(prediction?.excerpt ?? '', limits);
  const lines = excerpt.text.split('\n');
  const shown = [lines.map((line) => cleanLine(line, row.format)).join('\n')];
  // the excerpt may have lost the columns already, and then hold tabs of its own
  if (row.format === 'gh-run-view') shown.push(lines.map((line) => cleanLine(line)).join('\n'));
  const labels = row.errorLines.map((line) => cleanLine(line)).filter((line) => line !== '');
  const missing = labels.filter((label) => !shown.some((text) => text.includes(label)));
  return {
    row,
    prediction,
    labels,
    missing,
    strict: labels.length > 0 && missing.length === 0,
    lenient: missing.length < labels.length,
    primary: primaryHit(prediction?.primary ?? null, labels, row.format),
    categoryRight: prediction?.category === row.category,
    excerpt: {
      lines: excerpt.text === '' ? 0 : lines.length,
      chars: codePoints(excerpt.text),
      over: excerpt.over,
    },
  };
}

/** Lines of the log; 0 when neither the manifest nor the analysis counted them. */
export function logLines({ row, prediction }: Judgement): number {
  return row.lines ?? prediction?.log.lines ?? 0;
}

export function isFailure(judgement: Judgement): boolean {
  return judgement.row.category !== 'none';
}

/** Length in Unicode code points, as the limits and the reduction count. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i += 1) {
    if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) count -= 1;
  }
  return count;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

function cut(excerpt: string, limits: JudgeLimits): { text: string; over: boolean } {
  const text = excerpt.endsWith('\n') ? excerpt.slice(0, -1) : excerpt;
  const lines = text.split('\n');
  const over = lines.length > limits.maxLines || codePoints(text) > limits.maxChars;
  if (!over) return { text, over };
  const kept = Array.from(lines.slice(0, limits.maxLines).join('\n')).slice(0, limits.maxChars).join('');
  return { text: kept, over };
}

/** A shorter piece of a labelled line says nothing about it. */
const MIN_PART_CHARS = 12;

function primaryHit(primary: string | null, labels: readonly string[], format: string): boolean {
  const first = primary?.split('\n').find((line) => line.trim() !== '');
  if (first === undefined) return false;
  return [cleanLine(first, format), cleanLine(first)].some(
    (line) =>
      line !== '' &&
      labels.some((label) =>
        label.includes(line) ? line === label || codePoints(line) >= MIN_PART_CHARS : line.includes(label),
      ),
  );
}
