import { analyzeLog } from '@app/log-analysis';
import type { FailureCategory } from '@app/domain';

/** What is read first of a failed job that printed these lines (`> ` marks one and is left out), and its category. */
export async function readFirst(
  lines: readonly string[],
): Promise<{ line: string | undefined; category: FailureCategory }> {
  const log = ['starting', ...lines.map((line) => line.replace(/^> /, '')), ''].join('\n');
  const { primary, verdict } = await analyzeLog(log, { knownFailed: true });
  return { line: primary?.text, category: verdict.category };
}

/** The line marked with `> `: the one that must be read first. */
export function markedLine(lines: readonly string[]): string | undefined {
  return lines
    .find((line) => line.startsWith('> '))
    ?.slice(2)
    .trim();
}
