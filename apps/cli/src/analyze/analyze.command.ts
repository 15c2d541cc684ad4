import { InvalidInput } from '@app/domain';
import { analyzeLog } from '@app/log-analysis';
import type { Command } from 'commander';
import { reportFailure } from '../report-failure.js';
import { jsonRow } from './json-row.js';
import { printAnalysis } from './print-analysis.js';
import { readSource } from './read-source.js';

interface AnalyzeOptions {
  readonly json?: boolean;
  readonly maxLines: number;
  readonly maxChars: number;
}

export function addAnalyzeCommand(program: Command): void {
  program
    .command('analyze')
    .description('Reads CI logs and prints what failed and why. Needs no server, no database, no network.')
    .argument('<file...>', 'log files, or - for standard input')
    .option('--json', 'one JSON object a line')
    .option('--max-lines <n>', 'most lines of the excerpt', wholeNumber(1, 100_000), 120)
    .option('--max-chars <n>', 'most characters of the excerpt', wholeNumber(100, 10_000_000), 12_000)
    .action(analyze);
}

async function analyze(files: string[], options: AnalyzeOptions): Promise<void> {
  for (const file of files) {
    try {
      const startedAt = performance.now();
      const analysis = await analyzeLog(await readSource(file), options);
      const ms = performance.now() - startedAt;
      if (options.json) process.stdout.write(`${JSON.stringify(jsonRow(file, analysis, ms))}\n`);
      else printAnalysis(file, analysis, ms);
    } catch (error) {
      // The other files still get their answer.
      process.exitCode = 1;
      reportFailure(error, file);
      if (options.json)
        process.stdout.write(`${JSON.stringify({ file, error: (error as Error).message })}\n`);
    }
  }
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidInput(`“${text}” is not a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}
