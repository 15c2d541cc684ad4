import { analyzeLog, buildBaseline, keepYoungGenerationSmall, type Baseline } from '@app/log-analysis';
import type { Command } from 'commander';
import { reportFailure } from '../report-failure.js';
import { wholeNumber } from '../whole-number.js';
import { askModel, printAsked } from './ask-model.js';
import { jsonRow } from './json-row.js';
import { printAnalysis } from './print-analysis.js';
import { readSource } from './read-source.js';

interface AnalyzeOptions {
  readonly json?: boolean;
  readonly model?: boolean;
  readonly baseline: readonly string[];
  readonly maxLines: number;
  readonly maxChars: number;
}

export function addAnalyzeCommand(program: Command): void {
  program
    .command('analyze')
    .description('Reads CI logs and prints what failed and why. Needs no server, no database, no network.')
    .argument('<file...>', 'log files, or - for standard input')
    .option('--json', 'one JSON object a line')
    .option(
      '--baseline <file>',
      'log of a successful run of the same job: what stands there too loses weight; may be given again',
      (file: string, files: readonly string[]) => [...files, file],
      [] as readonly string[],
    )
    .option('--model', 'ask the configured model too (LLM_…): sends the excerpt, costs money, stores nothing')
    .option('--max-lines <n>', 'most lines of the excerpt', wholeNumber(1, 100_000), 120)
    .option('--max-chars <n>', 'most characters of the excerpt', wholeNumber(100, 10_000_000), 12_000)
    .action(analyze);
}

async function analyze(
  files: string[],
  { json, model, maxLines, maxChars, ...given }: AnalyzeOptions,
): Promise<void> {
  keepYoungGenerationSmall();
  const baseline = await baselineOf(given.baseline);
  for (const file of files) {
    try {
      const startedAt = performance.now();
      const analysis = await analyzeLog(await readSource(file), { maxLines, maxChars, baseline });
      const ms = performance.now() - startedAt;
      if (!json) printAnalysis(file, analysis, ms);
      const asked = model === true ? await askModel(analysis) : {};
      if (asked.trouble) process.exitCode = 1;
      if (json) process.stdout.write(`${JSON.stringify({ ...jsonRow(file, analysis, ms), ...asked })}\n`);
      else printAsked(file, asked);
    } catch (error) {
      // The other files still get their answer.
      process.exitCode = 1;
      reportFailure(error, file);
      if (json) process.stdout.write(`${JSON.stringify({ file, error: (error as Error).message })}\n`);
    }
  }
}

async function baselineOf(files: readonly string[]): Promise<Baseline | undefined> {
  if (files.length === 0) return undefined;
  const sources = async function* () {
    for (const file of files) yield await readSource(file);
  };
  return buildBaseline(sources());
}
