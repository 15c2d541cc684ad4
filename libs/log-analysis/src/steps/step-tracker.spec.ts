import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';
import { StepTracker } from './step-tracker.js';

describe('a log with more steps than any job has', () => {
  it('is followed in bounded memory', () => {
    const tracker = new StepTracker('gha-raw');
    for (let line = 1; line <= 100_000; line += 1) {
      tracker.line(`##[group]Run ${line} ${'x'.repeat(5_000)}`, line, null);
    }
    expect(tracker.steps.length).toBeLessThanOrEqual(4_000);
    expect(Math.max(...tracker.steps.map((step) => step.command.length))).toBeLessThanOrEqual(2_000);
    expect(tracker.echo).toBe(true);
  });

  it('is analysed, findings in its thousands of columns too', async () => {
    const lines = Array.from(
      { length: 60_000 },
      (_, i) => `job\tstep ${i}\t2024-05-01T10:00:00.0Z ERROR: ${i} broke`,
    );
    const analysis = await analyzeLog(lines.join('\n'));
    expect(analysis).toMatchObject({ failed: true, lines: 60_000 });
  });
});
