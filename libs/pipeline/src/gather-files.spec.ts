import { beforeEach, describe, expect, it } from 'vitest';
import { ExternalFailure, GITHUB_HOST, type Incident, type LogReport } from '@app/domain';
import { FakeCiProvider } from '../../../test/fakes/fake-ci-provider.js';
import { RecordingLog } from '../../../test/fakes/recording-log.js';
import { GatherFiles, type FileLimits } from './gather-files.js';

const WORKFLOW = '.github/workflows/ci.yml';
const LIMITS: FileLimits = {
  maxFiles: 4,
  maxLookedAt: 20,
  maxFileChars: 1_000,
  maxTotalChars: 2_000,
  deadlineMs: 5_000,
};
const incident = {
  id: 'incident-1',
  source: 'github',
  repository: { host: GITHUB_HOST, owner: 'acme', name: 'widgets' },
  runId: 7,
  latestAttempt: 1,
  headSha: null,
} as Incident;
const report = {
  evidence: [{ id: 'E1', startLine: 1, endLine: 1, text: 'at Basket.total (src/total.ts:4:2)' }],
  findings: [{ tool: 'tsc', file: 'src/basket.ts', message: 'wrong', startLine: 1, endLine: 1 }],
} as unknown as LogReport;

describe('GatherFiles', () => {
  let ci: FakeCiProvider;
  let log: RecordingLog;

  beforeEach(() => {
    ci = new FakeCiProvider();
    log = new RecordingLog();
  });

  const failOn = (files: Record<string, string | Uint8Array>, before: Record<string, string> = {}) => {
    const repository = ci.repository('acme/widgets');
    const parent = repository.addCommit({ files: before }, 'main');
    const sha = repository.addCommit({ parents: [parent], files }, 'main');
    ci.addRun({ repository: 'acme/widgets', id: 7, headSha: sha, workflowPath: WORKFLOW });
    return sha;
  };
  const gather = (limits: Partial<FileLimits> = {}, of = incident) =>
    new GatherFiles(ci, log, { ...LIMITS, ...limits }).run(of, report);
  const paths = async (limits: Partial<FileLimits> = {}) =>
    (await gather(limits)).files.map(({ path }) => path);

  it('brings the workflow and what the commit changed, what the evidence names first', async () => {
    failOn(
      {
        [WORKFLOW]: 'on: push\n',
        'README.md': 'read\n',
        'src/total.ts': 'total\n',
        'src/basket.ts': 'basket\n',
        'src/same.ts': 'same\n',
      },
      { 'src/same.ts': 'same\n', 'src/gone.ts': 'gone\n' },
    );
    expect(await gather()).toEqual({
      missing: null,
      files: [
        { path: WORKFLOW, role: 'workflow', text: 'on: push\n' },
        { path: 'src/basket.ts', role: 'changed', text: 'basket\n' },
        { path: 'src/total.ts', role: 'changed', text: 'total\n' },
        { path: 'README.md', role: 'changed', text: 'read\n' },
      ],
    });
    expect(log.entries).toEqual([]);
  });

  it('masks secrets', async () => {
    const token = `ghp_${'Zx9Yw8Vu7T'.repeat(4).slice(0, 36)}`;
    failOn({ 'src/basket.ts': `const t = '${token}';\n` });
    const { files } = await gather();
    expect(files).toHaveLength(1);
    expect(JSON.stringify(files)).not.toContain(token);
  });

  it('keeps to its bounds: files, characters of one and of all, and text alone', async () => {
    const files = Object.fromEntries(
      ['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.txt`, name.repeat(600)]),
    );
    failOn({ ...files, 'a.txt': 'a'.repeat(1_001), 'logo.png': new Uint8Array([0, 159, 146, 150, 0]) });
    expect(await paths()).toEqual(['b.txt', 'c.txt']);
    expect(await paths({ maxFileChars: 5_000 })).toEqual(['a.txt', 'b.txt']);
    expect(await paths({ maxFileChars: 5_000, maxTotalChars: 50_000 })).toEqual(['a.txt', 'b.txt', 'c.txt']);
    expect(await paths({ maxFiles: 9, maxTotalChars: 50_000 })).not.toContain('logo.png');
  });

  it('brings nothing for a log that was handed in', async () => {
    expect(await gather({}, { ...incident, source: 'manual' })).toEqual({ files: [], missing: null });
    expect(ci.calls.getRun).toBe(0);
  });

  it('says what GitHub refused, and brings what it gave', async () => {
    failOn({ [WORKFLOW]: 'on: push\n', 'src/basket.ts': 'basket\n' });
    const limited = new ExternalFailure('Later.', { code: 'github_rate_limited', retryable: true });
    ci.fail('listChangedFiles', limited);
    const gathered = await gather();
    expect(gathered).toMatchObject({
      missing: 'github_rate_limited: Later.',
      files: [{ path: WORKFLOW }],
    });
    expect(log.of('repository_files_unavailable')).toEqual([
      { incidentId: 'incident-1', files: 1, missing: 'github_rate_limited: Later.' },
    ]);
  });

  it('does not wait for a GitHub that is silent', async () => {
    failOn({ [WORKFLOW]: 'on: push\n', 'src/basket.ts': 'basket\n' });
    ci.beforeAnswer = (operation) => (operation === 'findFiles' ? new Promise(() => undefined) : undefined);
    const { files, missing } = await gather({ deadlineMs: 30 });
    expect(files).toEqual([]);
    expect(missing).toMatch(/within 30 ms/);
  });

  it('ends with the signal', async () => {
    failOn({ [WORKFLOW]: 'on: push\n' });
    const ending = new AbortController();
    ci.beforeAnswer = () => ending.abort(new Error('shutting down'));
    const gathering = new GatherFiles(ci, log, LIMITS).run(incident, report, ending.signal);
    await expect(gathering).rejects.toThrow('shutting down');
  });

  describe('on edits of an earlier commit', () => {
    const edit = { path: 'src/basket.ts', search: 'let b', replace: 'const b' };
    const stillMatch = (headSha: string | null, edits = [edit]) =>
      new GatherFiles(ci, log, LIMITS).stillMatch({ ...incident, headSha }, edits);

    it('says whether each still stands at one place', async () => {
      expect(await stillMatch(failOn({ 'src/basket.ts': '// new\nlet b = 1;\n' }))).toBe(true);
      expect(await stillMatch(failOn({ 'src/basket.ts': 'const b = 1;\n' }))).toBe(false);
      expect(await stillMatch(failOn({ 'src/basket.ts': 'let b;\nlet b2;\n' }))).toBe(false);
      expect(await stillMatch(failOn({ 'src/other.ts': 'let b;\n' }))).toBe(false);
      expect(await stillMatch('0'.repeat(40), [])).toBe(true);
    });

    it('says that it doesn’t know when it can’t ask', async () => {
      const sha = failOn({ 'src/basket.ts': 'let b = 1;\n' });
      ci.fail('findFiles', new ExternalFailure('Away.', { code: 'github_unavailable', retryable: true }));
      expect(await stillMatch(sha)).toBeNull();
      expect(log.of('edits_not_verified')).toHaveLength(1);
      expect(await stillMatch(null)).toBeNull();
    });
  });
});
