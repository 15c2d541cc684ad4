import { styleText } from 'node:util';
import {
  logLines,
  type BreakdownRow,
  type Calibration,
  type HitShares,
  type Judgement,
  type Scores,
} from '@app/log-analysis';
import type { Column, Evaluation } from './evaluation.js';

const NAME_WIDTH = 26;
const CELL_WIDTH = 22;

/** The scores for a person at a terminal: both sizes of excerpt side by side. */
export function printEvaluation(evaluation: Evaluation): void {
  const columns = [evaluation.given, evaluation.tight];
  heading(
    'excerpt',
    columns.map(({ limits }) => `${limits.maxLines} lines/${limits.maxChars}`),
  );
  for (const [name, figure] of FIGURES)
    row(
      name,
      columns.map(({ scores }) => figure(scores)),
    );
  printBreakdown('by category', columns, (column) => column.byCategory);
  printBreakdown('by format', columns, (column) => column.byFormat);
  printBreakdown('by lines of the log', columns, (column) => column.byLength);
  const { speed, calibration, fitted, unreadable } = evaluation;
  heading('speed', []);
  row('all logs', [speed.mbPerS === null ? '-' : `${speed.mbPerS.toFixed(1)} MB/s`]);
  row('logs over 1 MB', [speed.longLogsMbPerS === null ? '-' : `${speed.longLogsMbPerS.toFixed(1)} MB/s`]);
  printCalibration('confidence', calibration);
  if (fitted) {
    printCalibration('confidence, fitted to the other nine tenths', fitted.crossValidated);
    for (const [name, value] of Object.entries(fitted.model)) row(`  ${name}`, [value.toFixed(2)]);
  }
  for (const { file, reason } of unreadable) print(`\n${file} was refused: ${reason}`);
  for (const column of columns) {
    for (const miss of column.misses) printMiss(miss, column);
  }
}

const FIGURES: readonly (readonly [string, (scores: Scores) => string])[] = [
  ['failed logs', ({ failures }) => String(failures)],
  ['evidence hit, every line', ({ strict }) => percent(strict)],
  ['evidence hit, any line', ({ lenient }) => percent(lenient)],
  ['primary hit', ({ primary }) => percent(primary)],
  ['category accuracy', ({ categoryAccuracy }) => percent(categoryAccuracy)],
  ['macro-F1', ({ macroF1 }) => percent(macroF1)],
  ['missed failures', ({ missed, failures }) => `${missed} of ${failures}`],
  ['false alarms', ({ falseAlarms, successes }) => `${falseAlarms} of ${successes}`],
  ['grouping recall', ({ pairRecall, groupPairs }) => `${percent(pairRecall)} of ${groupPairs}`],
  [
    'grouping precision',
    ({ pairPrecision, fingerprintPairs }) => `${percent(pairPrecision)} of ${fingerprintPairs}`,
  ],
  ['reduction, long logs', ({ reduction, longLogs }) => `${percent(reduction)} of ${longLogs}`],
  ['excerpts over the limit', ({ over }) => String(over)],
];

function printBreakdown(
  title: string,
  columns: readonly Column[],
  rowsOf: (column: Column) => readonly BreakdownRow[],
): void {
  heading(`${title} (every/any/primary/category)`, []);
  const [first] = columns;
  if (!first) return;
  for (const { value, failures } of rowsOf(first)) {
    const cells = columns.map((column) => {
      const part = rowsOf(column).find((candidate) => candidate.value === value);
      return part ? shares(part) : '-';
    });
    row(`${value.padEnd(NAME_WIDTH - 5)}${String(failures).padStart(5)}`, cells);
  }
}

function shares({ strict, lenient, primary, categoryAccuracy }: HitShares): string {
  return [strict, lenient, primary, categoryAccuracy]
    .map((share) => (share === null ? '-' : (100 * share).toFixed(0)))
    .join('/');
}

function printCalibration(title: string, { ece, bins }: Calibration): void {
  heading(title, ['sure', 'right', 'verdicts']);
  for (const { from, to, count, meanConfidence, accuracy } of bins) {
    row(`${from.toFixed(1)}–${to.toFixed(1)}`, [percent(meanConfidence), percent(accuracy), String(count)]);
  }
  row('expected error', [ece === null ? '-' : ece.toFixed(3)]);
}

const MAX_LINE_CHARS = 200;

function printMiss(miss: Judgement, { limits }: Column): void {
  const { row: label, prediction, labels, missing, primary, excerpt } = miss;
  const said = prediction?.failed ? prediction.category : 'no failure';
  print(
    `\n${styleText('bold', label.file)} [${limits.maxLines} lines]  ${label.format}  ${label.category}, said ${said}  ` +
      styleText('dim', `${logLines(miss)} lines, excerpt ${excerpt.lines} lines/${excerpt.chars} characters`),
  );
  for (const line of labels) {
    print(
      `  ${missing.includes(line) ? styleText('red', 'missing') : 'shown  '} ${line.slice(0, MAX_LINE_CHARS)}`,
    );
  }
  print(
    `  ${primary ? 'first  ' : styleText('red', 'first  ')} ${(prediction?.primary ?? '-').slice(0, MAX_LINE_CHARS)}`,
  );
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

function heading(title: string, cells: readonly string[]): void {
  const aligned = cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
  print(`\n${styleText('bold', title.padEnd(NAME_WIDTH))}${aligned}`);
}

function row(name: string, cells: readonly string[]): void {
  print(`${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join('')}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
