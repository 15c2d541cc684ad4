import { styleText } from 'node:util';
import type { LogAnalysis } from '@app/log-analysis';

const LABEL_WIDTH = 12;

/** The diagnosis of one log for a person at a terminal. */
export function printAnalysis(file: string, analysis: LogAnalysis, ms: number): void {
  const { verdict } = analysis;
  const size = `${analysis.lines.toLocaleString('en')} lines, ${analysis.format}, ${Math.round(ms)} ms`;
  print(styleText('bold', file) + styleText('dim', `  ${size}`));
  if (!analysis.failed) {
    print(styleText('green', '  No failure found in this log.\n'));
    return;
  }
  const category = verdict.subcategory ? `${verdict.category} · ${verdict.subcategory}` : verdict.category;
  row(
    'Category',
    `${category}   ${styleText('dim', `${Math.round(verdict.confidence * 100)} % sure, ${verdict.determinism}`)}`,
  );
  row('Root cause', verdict.rootCause);
  if (analysis.failedStep) row('Step', analysis.failedStep);
  if (analysis.primary) row(`Line ${analysis.primary.line}`, styleText('red', analysis.primary.text));
  if (verdict.suggestion) row('Suggestion', styleText('green', verdict.suggestion));
  row('Fingerprint', styleText('dim', analysis.fingerprint));
  if (analysis.redactions > 0) row('Redacted', `${analysis.redactions} secrets or addresses`);
  print(`\n${analysis.excerpt}\n`);
}

function row(label: string, text: string): void {
  print(`  ${label.padEnd(LABEL_WIDTH)} ${text}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
