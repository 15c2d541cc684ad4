import { styleText } from 'node:util';
import type { Report, Verdict } from './check.js';

const NAME_WIDTH = 36;
const MARKS: Readonly<Record<Verdict, string>> = {
  ok: styleText('green', '✓'),
  warning: styleText('yellow', '!'),
  failed: styleText('red', '✗'),
  skipped: styleText('dim', '–'),
};

/** One finding for a person at a terminal. */
export function printReport({ name, verdict, detail, mend }: Report): void {
  const text = verdict === 'skipped' ? styleText('dim', detail) : detail;
  process.stdout.write(`${MARKS[verdict]} ${name.padEnd(NAME_WIDTH)} ${text}\n`);
  if (mend !== undefined) process.stdout.write(`    → ${mend}\n`);
}

export function printSummary(reports: readonly Report[]): void {
  const count = (wanted: Verdict): number => reports.filter(({ verdict }) => verdict === wanted).length;
  const [failures, warnings] = [count('failed'), count('warning')];
  const words = failures > 0 ? `${failures} to mend` : 'Nothing to mend';
  process.stdout.write(`\n${words}${warnings > 0 ? `, ${warnings} to know of` : ''}.\n`);
}
