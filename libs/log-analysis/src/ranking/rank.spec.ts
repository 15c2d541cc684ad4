import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

const TIME = '2024-05-01T10:00:00.0000000Z ';

/** A raw log of GitHub Actions: each step its command and its output. */
function job(...steps: readonly (readonly [string, ...string[]])[]): string {
  const lines = steps.flatMap(([command, ...output]) => [
    `##[group]Run ${command}`,
    command,
    'shell: /usr/bin/bash -e {0}',
    '##[endgroup]',
    ...output,
  ]);
  return [...lines, 'Post job cleanup.', 'Cleaning up orphan processes']
    .map((line) => `${TIME}${line}\n`)
    .join('');
}

const EXIT = '##[error]Process completed with exit code 1.';
const TYPE_ERROR = "src/cart.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.";
const ASSERTION = 'AssertionError: expected 3 to equal 4';

describe('several failed steps in one job', () => {
  it('the first failed the job; those behind it ran because it failed', async () => {
    const analysis = await analyzeLog(
      job(
        ['tsc --noEmit', TYPE_ERROR, EXIT],
        ['./report.sh', "src/report.ts(3,1): error TS2307: Cannot find module './totals'.", EXIT],
      ),
    );
    expect(analysis.failedStep).toBe('tsc --noEmit');
    expect(analysis.primary?.text).toBe(TYPE_ERROR);
  });

  it('one was allowed to fail when the work of the job went on behind it', async () => {
    const analysis = await analyzeLog(
      job(
        ['./check-links.sh', 'docs/a.md: link is dead', EXIT],
        ['npm ci', 'added 12 packages'],
        ['tsc --noEmit', TYPE_ERROR, EXIT],
        ['actions/upload-artifact@v4', 'With the provided path, there will be 3 files uploaded'],
      ),
    );
    expect(analysis.failedStep).toBe('tsc --noEmit');
  });

  it('one failed the job when what follows only saves and shows', async () => {
    const analysis = await analyzeLog(
      job(
        ['tsc --noEmit', TYPE_ERROR, EXIT],
        ['actions/upload-artifact@v4', 'With the provided path, there will be 3 files uploaded'],
        ['docker logs db', 'ready'],
        ['./summary-report.sh', 'no such report', EXIT],
      ),
    );
    expect(analysis.failedStep).toBe('tsc --noEmit');
  });

  it('the one whose command is akin to the name that the provider gives failed the job', async () => {
    const log = job(
      ['docker run -d broker', 'Error response from daemon: a prune operation is already running', EXIT],
      ['export IMAGE=/tmp/image.x1 && docker buildx bake', 'ERROR: no space left on device', EXIT],
    );
    const analysis = await analyzeLog(log, { failedStep: 'Build and push image', knownFailed: true });
    expect(analysis.primary?.text).toContain('no space left on device');
  });

  it('one that is told to install nothing is not akin to an installation', async () => {
    const log = job(
      ['npx --no-install ./check-pages.sh', 'docs/a.md: link is dead', EXIT],
      ['npm run codegen', 'made 12 files'],
      ['npm ci', 'npm error code ETARGET', 'npm error notarget No matching version found for till@9.', EXIT],
    );
    const analysis = await analyzeLog(log, { failedStep: 'Install dependencies', knownFailed: true });
    expect(analysis.verdict.rootCause).toContain('in step “Install dependencies”');
  });

  it('what one that was allowed to fail said is no evidence of why the job did', async () => {
    const dead = "docs/report.ts(3,1): error TS2307: Cannot find module './totals'.";
    const analysis = await analyzeLog(
      job(['tsc -p docs', dead, EXIT], ['npm ci', 'added 12 packages'], ['tsc --noEmit', TYPE_ERROR, EXIT]),
    );
    expect(analysis.evidence[0]?.text).toContain(TYPE_ERROR);
    expect(analysis.evidence.map(({ text }) => text).join('\n')).not.toContain(dead);
  });

  it('an audit that failed before the build did is the lesser of the two', async () => {
    const analysis = await analyzeLog(
      job(
        ['npm audit --omit=dev', '3 high severity vulnerabilities', EXIT],
        ['tsc --noEmit', TYPE_ERROR, EXIT],
      ),
    );
    expect(analysis.failedStep).toBe('tsc --noEmit');
  });

  it('a step that printed an error and went on did not fail it', async () => {
    const progress = Array.from({ length: 40 }, (_, i) => `scanned ${i} files`);
    const analysis = await analyzeLog(
      job(
        ['acme/scan@v1', '##[error]This version of the action is deprecated.', ...progress],
        ['acme/deploy@v1', '##[error]The stack is not there.'],
      ),
    );
    expect(analysis.failedStep).toBe('acme/deploy@v1');
    expect(analysis.primary?.text).toContain('The stack is not there.');
  });

  it('the first that names a cause is shown when the very first says nothing', async () => {
    const analysis = await analyzeLog(job(['./probe.sh', EXIT], ['npm test', ASSERTION, EXIT]));
    expect(analysis.primary?.text).toBe(ASSERTION);
  });
});

describe('a message that stands in the log again', () => {
  it('says less in the same step, and as much as ever in another one', async () => {
    const warned = await analyzeLog(
      job(['npm run lint', TYPE_ERROR], ['npm run build', TYPE_ERROR, ASSERTION, TYPE_ERROR, EXIT]),
    );
    expect(warned.failedStep).toBe('npm run build');
    // line 10 is the first in the step that failed, line 12 repeats it
    expect(warned.primary).toEqual({ line: 10, text: TYPE_ERROR });
    const order = warned.findings.filter((finding) => finding.code === 'TS2322').map((f) => f.startLine);
    expect(order[0]).toBe(10);
  });
});

describe('programs that a configure script compiles to see whether they do', () => {
  it.each([
    '_configtest.c:1:24: fatal error: sys/endian.h: No such file or directory',
    'conftest.c:12:10: error: unknown type name foo_t',
    "/home/runner/work/app/_configtest.c:6: undefined reference to `exp'",
  ])('are no findings: %s', async (line) => {
    const analysis = await analyzeLog(job(['python setup.py build && pytest', line, ASSERTION, EXIT]));
    expect(analysis.primary?.text).toBe(ASSERTION);
    expect(analysis.findings.some((finding) => finding.startLine === 5)).toBe(false);
  });

  it('a test file of a like name is one', async () => {
    const line = 'src/myconftest.c:12:10: error: unknown type name foo_t';
    const analysis = await analyzeLog(job(['make', line, EXIT]));
    expect(analysis.primary?.text).toBe(line);
  });
});
