import type { Command } from 'commander';
import { wholeNumber } from '../whole-number.js';
import { evaluate, TIGHT_LIMITS } from './evaluation.js';
import { jsonReport } from './json-report.js';
import { printEvaluation } from './print-evaluation.js';
import { readManifest } from './read-manifest.js';

interface EvalOptions {
  readonly json?: boolean;
  readonly calibrate?: boolean;
  readonly maxLines: number;
  readonly maxChars: number;
  readonly failures: number;
}

export function addEvalCommand(program: Command): void {
  program
    .command('eval')
    .description(
      `Holds the log analysis against labelled logs: a manifest of JSON lines, the logs in logs/ beside it. ` +
        `Scores the excerpt in the room given and in ${TIGHT_LIMITS.maxLines} lines of ${TIGHT_LIMITS.maxChars} characters.`,
    )
    .argument('<manifest>', 'one JSON object a line: file, format, category, error_lines, group')
    .option('--json', 'everything as one JSON object')
    .option('--max-lines <n>', 'most lines of the excerpt', wholeNumber(1, 100_000), 120)
    .option('--max-chars <n>', 'most characters of the excerpt', wholeNumber(100, 10_000_000), 12_000)
    .option('--failures <n>', 'how many of the worst misses to list', wholeNumber(0, 100_000), 10)
    .option(
      '--calibrate',
      'also fit the confidence to these labels, cross-validated, and print its constants',
    )
    .action(run);
}

async function run(path: string, options: EvalOptions): Promise<void> {
  const evaluation = await evaluate(await readManifest(path), {
    limits: { maxLines: options.maxLines, maxChars: options.maxChars },
    misses: options.failures,
    calibrate: options.calibrate === true,
  });
  if (options.json) process.stdout.write(`${JSON.stringify(jsonReport(evaluation), null, 1)}\n`);
  else printEvaluation(evaluation);
}
