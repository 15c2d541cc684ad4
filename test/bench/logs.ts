/**
 * Speed and memory of the whole analysis, redaction included, over a generated log, beside a plain line-splitting pass
 * over the same bytes in the same run. The ratio of the two is the figure: it doesn't depend on the machine.
 *
 *   npm run bench:logs -- [--mb 500] [--rounds 3] [FILE…]
 *
 * With files, their bytes are read in place of the generated ones. Fails when the memory of the process grows by more
 * than 300 MB.
 */
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { analyzeLog } from '@app/log-analysis';

const { values, positionals } = parseArgs({
  options: { mb: { type: 'string', default: '500' }, rounds: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const MB = 1_000_000;
const CHUNK_BYTES = 65_536;
const MAX_GROWTH_BYTES = 300 * MB;
const ROUNDS = Number(values.rounds);

/** About a megabyte in the proportions of real jobs: mostly progress, some warnings, few errors, colours, URLs. */
function sampleLog(): Buffer {
  const lines: string[] = ['##[group]Run npm ci && npm test', 'npm ci && npm test', '##[endgroup]'];
  for (let i = 0; lines.length < 12_000; i += 1) {
    lines.push(
      `npm http fetch GET 200 https://registry.example.org/left-pad/-/left-pad-1.${i % 90}.${i % 7}.tgz ${i % 400}ms (cache miss)`,
      `\u001b[32m  ✓\u001b[39m src/services/order-${i % 300}.spec.ts > OrderService > adds up item ${i}  ${i % 50}ms`,
      `[INFO] Compiling module ${i} of 9000: com.example.app.module${i % 120}`,
      `   Compiling serde_derive v1.0.${i % 200} (/home/runner/work/app/app/crates/part-${i % 40})`,
      `2024-05-01 10:00:${String(i % 60).padStart(2, '0')},123 DEBUG worker-${i % 8} handled request ${i * 7919} in ${i % 90} ms`,
      `drwxr-xr-x 2 runner docker 4096 May  1 10:00 dist/assets/chunk-${(i * 2_654_435_761) % 4_294_967_296}.js`,
    );
    if (i % 40 === 0)
      lines.push(
        `##[warning]npm warn deprecated glob@7.${i % 9}.0: versions prior to v9 are no longer supported`,
      );
    if (i % 500 === 499)
      lines.push(`src/app-${i}.ts(${i},5): error TS2322: Type 'string' is not assignable to type 'number'.`);
  }
  return Buffer.from(lines.map((line) => `2024-05-01T10:00:00.1234567Z ${line}\n`).join(''));
}

const samples =
  positionals.length > 0 ? await Promise.all(positionals.map((file) => readFile(file))) : [sampleLog()];

/** The samples over and over, a piece at a time: nothing of them is held twice. */
function* stream(sample: Buffer, totalBytes: number): Iterable<Uint8Array> {
  for (let sent = 0; sent < totalBytes;) {
    for (let at = 0; at < sample.length && sent < totalBytes; at += CHUNK_BYTES) {
      const chunk = sample.subarray(at, Math.min(at + CHUNK_BYTES, sample.length, at + totalBytes - sent));
      sent += chunk.length;
      yield chunk;
    }
  }
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
  totalBytes: number,
  run: (chunks: Iterable<Uint8Array>) => Promise<unknown>,
): Promise<number> {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    for (const sample of samples)
      await run(stream(sample, positionals.length > 0 ? sample.length : totalBytes));
    const bytes =
      positionals.length > 0 ? samples.reduce((sum, sample) => sum + sample.length, 0) : totalBytes;
    best = Math.max(best, bytes / MB / ((performance.now() - start) / 1_000));
  }
  return best;
}

const totalBytes = Number(values.mb) * MB;
// first, while the process holds nothing yet that later work could reuse
const before = process.memoryUsage().rss;
let peak = before;
const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const analysis = await analyzeLog(stream(samples[0]!, totalBytes), { onText: () => undefined });
delay.disable();
clearInterval(watch);
const growth = peak - before;

const speedBytes = 50 * MB;
await speed(5 * MB, analyzeLog);
const plain = await speed(speedBytes, splitLines);
const whole = await speed(speedBytes, analyzeLog);
const archived = await speed(speedBytes, (chunks) => analyzeLog(chunks, { onText: () => undefined }));

const figures: readonly (readonly [string, string])[] = [
  ['machine', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`],
  ['line splitting', `${plain.toFixed(0)} MB/s`],
  ['whole analysis', `${whole.toFixed(0)} MB/s`],
  ['with the redacted text handed on', `${archived.toFixed(0)} MB/s`],
  ['ratio', `${(whole / plain).toFixed(2)} of line splitting`],
  [
    'long log',
    `${(analysis.bytes / MB).toFixed(0)} MB, ${analysis.lines} lines, ${analysis.redactions} masked`,
  ],
  ['memory', `grew by ${(growth / MB).toFixed(0)} MB at most (limit ${MAX_GROWTH_BYTES / MB})`],
  [
    'event loop held',
    `${(delay.percentile(99) / 1e6).toFixed(1)} ms p99, ${(delay.max / 1e6).toFixed(1)} ms at most`,
  ],
];
for (const [name, value] of figures) console.log(`${name.padEnd(34)}${value}`);
if (growth > MAX_GROWTH_BYTES) {
  console.error('The analysis holds more memory than it may.');
  process.exitCode = 1;
}
