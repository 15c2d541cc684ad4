// The checks that only read: side by side, since each uses one core. Each one's output is printed whole once it has ended.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The longest first, so that the others fit beside it. */
const CHECKS = ['check:types', 'check:format', 'check:layers', 'check:lint', 'check:compose'];

const waiting = [...CHECKS];
async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const startedAt = performance.now();
    const failed = await new Promise((resolve) => {
      execFile('npm', ['run', '--silent', check], { maxBuffer: Infinity }, (error, stdout, stderr) => {
        process.stdout.write(stdout);
        process.stderr.write(stderr);
        resolve(error !== null);
      });
    });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stdout.write(`${check} ${failed ? 'failed' : 'passed'} in ${seconds} s\n`);
    if (failed) process.exitCode = 1;
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
