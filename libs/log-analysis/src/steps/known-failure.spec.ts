import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CiStep } from '@app/domain';
import { analyzeLog } from '../analyze-log.js';
import { scanLog } from '../scan-log.js';
import { alignSteps } from './align-steps.js';

/** A step as GitHub ran it: what its lines say, and how long each second of it is filled. */
interface Ran {
  readonly name: string;
  readonly conclusion?: string;
  readonly seconds: number;
  /** Blocks that begin with the title of a command: one, or the parts of a composite action. */
  readonly parts: readonly (readonly string[])[];
}

const START = Date.parse('2026-11-20T10:00:00.300Z');
const EXIT = (code: number) => `##[error]Process completed with exit code ${code}.`;
const part = (command: string, ...output: string[]) => [
  `##[group]Run ${command}`,
  command,
  'shell: /usr/bin/bash -e {0}',
  '##[endgroup]',
  ...output,
];

const whole = (ms: number) => new Date(Math.floor(ms / 1_000) * 1_000);

/** The raw log of a job and the steps as GitHub's API gives them: times in whole seconds. */
function job(...ran: readonly Ran[]): { log: string; steps: CiStep[] } {
  const lines: string[] = [];
  const steps: CiStep[] = [];
  let at = START;
  for (const [index, { name, conclusion = 'success', seconds, parts }] of ran.entries()) {
    const startedAt = at;
    const texts = parts.flat();
    const gap = texts.length > 0 ? (seconds * 1_000) / texts.length : 0;
    for (const text of texts) {
      lines.push(`${new Date(at).toISOString().replace('Z', '1234Z')} ${text}`);
      at += gap;
    }
    if (texts.length === 0) at += seconds * 1_000;
    const reached = conclusion !== 'skipped';
    steps.push({
      number: index + 1,
      name,
      status: 'completed',
      conclusion,
      startedAt: reached ? whole(startedAt) : null,
      completedAt: reached ? whole(at) : null,
    });
  }
  return { log: `${lines.join('\n')}\n`, steps };
}

const SET_UP: Ran = { name: 'Set up job', seconds: 2, parts: [['Current runner version: 2.330.0']] };
const CHECKOUT: Ran = {
  name: 'Run actions/checkout@v5',
  seconds: 1,
  parts: [part('actions/checkout@v5', '##[group]Fetching the repository', '##[endgroup]')],
};
const END: Ran[] = [
  {
    name: 'Post Run actions/checkout@v5',
    seconds: 1,
    parts: [['Post job cleanup.', '[command]git version']],
  },
  { name: 'Complete job', seconds: 0, parts: [['Cleaning up orphan processes']] },
];
const TS = (file: string) => `${file}(3,4): error TS2345: Argument of type 'string' is not assignable.`;

describe('the step that failed, by the provider’s own steps', () => {
  it('is never one that was allowed to fail, however loud', async () => {
    const { log, steps } = job(
      SET_UP,
      CHECKOUT,
      // continue-on-error: the API says success
      {
        name: 'Types of the next compiler',
        seconds: 9,
        parts: [part('npx tsc@next', TS('a.ts'), TS('b.ts'), EXIT(2))],
      },
      {
        name: 'Publish',
        conclusion: 'failure',
        seconds: 3,
        parts: [part('./publish.sh', 'upload refused', EXIT(1))],
      },
      ...END,
    );
    const alone = await analyzeLog(log, { knownFailed: true });
    expect(alone.primary?.text).toContain('TS2345');
    const analysis = await analyzeLog(log, { knownFailed: true, steps });
    expect(analysis.failedStep).toBe('Publish');
    expect(analysis.primary?.text).toBe('upload refused');
    expect(analysis.verdict.category).not.toBe('compile_error');
  });

  it('is the first of several: later ones ran because of it', async () => {
    const { log, steps } = job(
      SET_UP,
      CHECKOUT,
      {
        name: 'Test',
        conclusion: 'failure',
        seconds: 20,
        parts: [part('make check', 'ledger is out of balance', EXIT(3))],
      },
      {
        name: 'Report',
        conclusion: 'failure',
        seconds: 4,
        parts: [part('./report', TS('report.ts'), EXIT(1))],
      },
      ...END,
    );
    const analysis = await analyzeLog(log, { knownFailed: true, steps });
    expect(analysis.failedStep).toBe('Test');
    expect(analysis.primary?.text).toBe('ledger is out of balance');
  });

  it('is told from its neighbours that share its seconds', async () => {
    const { log, steps } = job(
      SET_UP,
      CHECKOUT,
      { name: 'Format', seconds: 0.2, parts: [part('./a', TS('x.ts'), EXIT(1))] },
      {
        name: 'Lint',
        conclusion: 'failure',
        seconds: 0.2,
        parts: [part('./b', 'no-shadow is broken', EXIT(1))],
      },
      { name: 'Clean', seconds: 0.1, parts: [part('./c', 'ok')] },
      ...END,
    );
    const analysis = await analyzeLog(log, { knownFailed: true, steps });
    expect(analysis.failedStep).toBe('Lint');
    expect(analysis.primary?.text).toBe('no-shadow is broken');
  });

  it('holds every part of a composite action', async () => {
    const { log, steps } = job(
      SET_UP,
      CHECKOUT,
      {
        name: 'Build everything',
        conclusion: 'failure',
        seconds: 30,
        parts: [
          part('./.github/actions/build'),
          part('npm ci', 'added 3 packages'),
          part('npx tsc', TS('c.ts'), EXIT(2)),
        ],
      },
      { name: 'Upload', conclusion: 'skipped', seconds: 0, parts: [] },
      ...END,
    );
    const analysis = await analyzeLog(log, { knownFailed: true, steps });
    expect(analysis.failedStep).toBe('Build everything');
    expect(analysis.primary?.text).toContain('c.ts');
  });

  it('is the one that was cancelled in a job that was', async () => {
    const { log, steps } = job(
      SET_UP,
      CHECKOUT,
      { name: 'Fetch', seconds: 2, parts: [part('./fetch', TS('old.ts'))] },
      {
        name: 'Test',
        conclusion: 'cancelled',
        seconds: 60,
        parts: [part('npm test', 'waiting', '##[error]The operation was canceled.')],
      },
      ...END,
    );
    const analysis = await analyzeLog(log, { knownFailed: true, steps });
    expect([analysis.failedStep, analysis.primary?.text]).toEqual([
      'Test',
      '##[error]The operation was canceled.',
    ]);
  });

  it.each([
    ['are of another attempt', (step: CiStep) => shifted(step, 3_600_000)],
    ['have no times', (step: CiStep) => ({ ...step, startedAt: null, completedAt: null })],
    ['say of none that it failed', (step: CiStep) => ({ ...step, conclusion: 'success' })],
  ])('is guessed as before from steps that %s', async (_, changed) => {
    const { log, steps } = job(
      SET_UP,
      CHECKOUT,
      { name: 'Types', conclusion: 'failure', seconds: 5, parts: [part('tsc', TS('a.ts'), EXIT(2))] },
      ...END,
    );
    const guessed = await analyzeLog(log, { knownFailed: true });
    expect(await analyzeLog(log, { knownFailed: true, steps: steps.map(changed) })).toEqual(guessed);
  });
});

describe('alignSteps', () => {
  it('finds each stretch’s step whatever they took, from a second on', async () => {
    const ran = fc.record({
      ms: fc.integer({ min: 1_001, max: 40_000 }),
      parts: fc.integer({ min: 1, max: 3 }),
      fails: fc.boolean(),
      named: fc.boolean(),
    });
    const checked = fc.check(
      fc.asyncProperty(fc.array(ran, { minLength: 1, maxLength: 8 }), async (all) => {
        const { log, steps } = job(
          SET_UP,
          ...all.map(({ ms, parts, fails, named }, i): Ran => ({
            name: named ? `Step ${i}` : `Run ./${i}-0`,
            conclusion: fails ? 'failure' : 'success',
            seconds: ms / 1_000,
            // A part that begins in the second in which its step ends could be the next one.
            parts: Array.from({ length: ms < 4_000 ? 1 : parts }, (_, p) =>
              part(
                `./${i}-${p}`,
                `output of ${i}`,
                ...(fails && (p === parts - 1 || ms < 4_000) ? [EXIT(1)] : []),
              ),
            ),
          })),
          ...END,
        );
        const { scan } = await scanLog(log, {});
        const stretches = [...scan.tracker.steps.entries()].filter(([, { command }]) => command !== '');
        const found = alignSteps(scan.tracker.steps, steps)!;
        return stretches.every(
          ([s, { command }]) => found[s]?.number === Number(/^\.\/(\d+)-/.exec(command)![1]) + 2,
        );
      }),
      { numRuns: 60 },
    );
    expect((await checked).counterexample).toBeNull();
  });
});

function shifted(step: CiStep, ms: number): CiStep {
  const by = (time: Date | null) => time && new Date(time.getTime() + ms);
  return { ...step, startedAt: by(step.startedAt), completedAt: by(step.completedAt) };
}
