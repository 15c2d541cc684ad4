/**
 * Speed and memory of the whole analysis, redaction included, over a generated log, beside a plain line-splitting pass
 * over the same bytes in the same run. The ratio of the two is the figure: it doesn't depend on the machine.
 *
 *   npm run bench:logs -- [--mb 500] [--rounds 3] [FILE…]
 *
 * With files, speed is measured on their bytes in place of the generated ones. Memory is the peak of a process of its
 * own for each of several inputs that tempt a reader to hold more and more. Fails when one of them is over the limit.
 */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { analyzeLog, buildBaseline, keepYoungGenerationSmall } from '@app/log-analysis';
import { MEMORY_CASES, sampleLog, stream } from './log-cases.js';

const { values, positionals } = parseArgs({
  options: {
    mb: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    /** Set by this program for its children: the input whose memory is measured. */
    memory: { type: 'string' },
  },
  allowPositionals: true,
});
const MB = 1_000_000;
const MAX_PEAK_MB = 300;
const SPEED_BYTES = 50 * MB;
const ROUNDS = Number(values.rounds);

keepYoungGenerationSmall();
if (values.memory === undefined) await measure();
else await measureMemory(values.memory);

async function measure(): Promise<void> {
  const samples =
    positionals.length > 0 ? await Promise.all(positionals.map((file) => readFile(file))) : [sampleLog()];
  print('machine', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
  await speed(samples, 5 * MB, analyzeLog);
  const plain = await speed(samples, SPEED_BYTES, splitLines);
  const whole = await speed(samples, SPEED_BYTES, analyzeLog);
  const archived = await speed(samples, SPEED_BYTES, (log) => analyzeLog(log, { onText: () => undefined }));
  const baseline = await buildBaseline([samples[0]!]);
  const compared = await speed(samples, SPEED_BYTES, (log) => analyzeLog(log, { baseline }));
  const built = await speed(samples, SPEED_BYTES, (log) => buildBaseline([log]));
  print('line splitting', `${plain.toFixed(0)} MB/s`);
  print('whole analysis', `${whole.toFixed(0)} MB/s`);
  print('with the redacted text handed on', `${archived.toFixed(0)} MB/s`);
  print('compared with a baseline', `${compared.toFixed(0)} MB/s`);
  print('making a baseline', `${built.toFixed(0)} MB/s`);
  print('ratio', `${(whole / plain).toFixed(2)} of line splitting`);
  print('event loop held', await eventLoopDelay(samples[0]!));
  let highest = 0;
  for (const name of Object.keys(MEMORY_CASES)) highest = Math.max(highest, peakOf(name));
  print('peak memory', `${highest.toFixed(0)} MB (limit ${MAX_PEAK_MB})`);
  if (highest > MAX_PEAK_MB) {
    console.error('The analysis holds more memory than it may.');
    process.exitCode = 1;
  }
}

function print(name: string, value: string): void {
  console.log(`${name.padEnd(34)}${value}`);
}

/** What any reader of lines must do: find the line ends and make every line a string. */
async function splitLines(chunks: Iterable<Uint8Array>): Promise<number> {
  let count = 0;
  let carry = '';
  const decoder = new TextDecoder();
  for (const chunk of chunks) {
    const lines = (carry + decoder.decode(chunk, { stream: true })).split('\n');
    carry = lines.pop() ?? '';
    count += lines.length;
  }
  return carry === '' ? count : count + 1;
}

/** Megabytes a second of the best round. */
async function speed(
  samples: readonly Buffer[],
  totalBytes: number,
  run: (chunks: Iterable<Uint8Array>) => Promise<unknown>,
): Promise<number> {
  const ofFiles = positionals.length > 0;
  const bytes = ofFiles ? samples.reduce((sum, sample) => sum + sample.length, 0) : totalBytes;
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    for (const sample of samples) await run(stream(sample, ofFiles ? sample.length : totalBytes));
    best = Math.max(best, bytes / MB / ((performance.now() - start) / 1_000));
  }
  return best;
}

async function eventLoopDelay(sample: Buffer): Promise<string> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await analyzeLog(stream(sample, SPEED_BYTES), { onText: () => undefined });
  delay.disable();
  return `${(delay.percentile(99) / 1e6).toFixed(1)} ms p99, ${(delay.max / 1e6).toFixed(1)} ms at most`;
}

/** Peak memory in MB of a fresh process that analyses this input. */
function peakOf(name: string): number {
  const child = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), '--memory', name, '--mb', values.mb],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.status !== 0) throw new Error(`The measurement of “${name}” failed with ${child.status}.`);
  const { peakMb, mb, seconds } = JSON.parse(child.stdout) as Record<string, number>;
  print(`  ${name}`, `${peakMb!.toFixed(0)} MB peak, ${mb!.toFixed(0)} MB read in ${seconds!.toFixed(1)} s`);
  return peakMb!;
}

async function measureMemory(name: string): Promise<void> {
  const startedAt = performance.now();
  const log = MEMORY_CASES[name]!(Number(values.mb));
  const analysis = await analyzeLog(log, { onText: () => undefined });
  const seconds = (performance.now() - startedAt) / 1_000;
  // kibibytes
  const peakMb = (process.resourceUsage().maxRSS * 1_024) / MB;
  console.log(JSON.stringify({ peakMb, mb: analysis.bytes / MB, seconds }));
}
