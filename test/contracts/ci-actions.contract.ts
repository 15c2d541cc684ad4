import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  fixBranch,
  parseRepository,
  type Action,
  type ActionKind,
  type ActionOrder,
  type CiActions,
} from '@app/domain';

/** The CI system that the actions are done to, as a test fills and reads it. */
export interface CiActionsUnderTest {
  readonly actions: CiActions;
  addRun(run: { id: number; attempt: number; isActive?: boolean; jobs: readonly string[] }): void;
  addPullRequest(number: number): void;
  /** Commits all files of a branch; gives the commit. */
  commit(branch: string, files: Record<string, string>): string;
  deleteComments(): void;
  /** The next write of the kind takes effect, and nobody hears of it. */
  loseAnswer(kind: ActionKind): void;
  attemptOf(runId: number): number;
  comments(): { pullRequest: number; body: string }[];
  issues(): { title: string }[];
  /** Annotations of each check run. */
  checks(): number[];
  pulls(): { head: string; base: string; draft: boolean }[];
  fileOn(branch: string, path: string): string | null;
  /** How many effects were had of the kind. */
  effects(kind: ActionKind): number;
  close(): Promise<void>;
}

const repository = parseRepository('octo/app');
const MARKER = '0123456789abcdef0123456789abcdef';
const FILES = { 'src/basket.ts': 'const price: number = "7";\n', 'README.md': 'one\ntwo\none\n' };

function order(action: Action, changes: Partial<ActionOrder> = {}): ActionOrder {
  return { repository, action, marker: MARKER, remoteId: null, ...changes };
}

function comment(body: string, remoteId: string | null = null): ActionOrder {
  return order({ kind: 'comment', pullRequest: 7, body }, { remoteId });
}

/** What performing actions is, wherever they are performed. */
export function ciActionsContract(name: string, create: () => Promise<CiActionsUnderTest>): void {
  describe(`CiActions: ${name}`, () => {
    let sut: CiActionsUnderTest;
    let baseSha: string;

    beforeEach(async () => {
      sut = await create();
      sut.addRun({ id: 31, attempt: 1, jobs: ['unit', 'lint'] });
      sut.addRun({ id: 32, attempt: 1, isActive: true, jobs: ['unit'] });
      sut.addPullRequest(7);
      baseSha = sut.commit('main', FILES);
    });

    afterEach(() => sut.close());

    const fix = (changes: Partial<Extract<Action, { kind: 'fix_pull_request' }>> = {}): ActionOrder =>
      order({
        kind: 'fix_pull_request',
        base: 'main',
        baseSha,
        title: 'Make the price a number',
        body: 'The type is number.',
        commitMessage: 'fix: make the price a number',
        edits: [{ path: 'src/basket.ts', search: '"7"', replace: '7' }],
        ...changes,
      });
    const orders = (): Record<ActionKind, ActionOrder> => ({
      rerun_failed_jobs: order({ kind: 'rerun_failed_jobs', runId: 31, attempt: 1 }),
      rerun_job: order({ kind: 'rerun_job', runId: 31, attempt: 1, jobId: 311, jobName: 'unit' }),
      cancel_run: order({ kind: 'cancel_run', runId: 32, attempt: 1 }),
      comment: comment('4 failed, 1 needs you'),
      check_run: order({
        kind: 'check_run',
        headSha: baseSha,
        name: 'devflowfix',
        title: 'A type error',
        summary: 'See the annotations.',
        annotations: Array.from({ length: 120 }, (_, line) => ({
          path: 'src/basket.ts',
          startLine: line + 1,
          endLine: line + 1,
          level: 'failure',
          title: 'TS2322',
          message: 'not assignable',
        })),
      }),
      issue: order({ kind: 'issue', title: 'Flaky: unit', body: 'It fails one time in ten.' }),
      fix_pull_request: fix(),
    });
    const kinds = [
      'rerun_failed_jobs',
      'rerun_job',
      'cancel_run',
      'comment',
      'check_run',
      'issue',
      'fix_pull_request',
    ] as const;

    it.each(kinds)('%s happens once, however often it is performed', async (kind) => {
      const first = await sut.actions.perform(orders()[kind]);
      expect(first).toMatchObject({ changed: true, remoteId: expect.stringMatching(/./) as string });
      // A successor doesn't know what the first perform answered; the second one does.
      expect(await sut.actions.perform(orders()[kind])).toEqual({ ...first, changed: false });
      const known = { ...orders()[kind], remoteId: first.remoteId };
      expect(await sut.actions.perform(known)).toEqual({ ...first, changed: false });
      expect(sut.effects(kind)).toBe(1);
    });

    it.each(kinds)('%s of which no answer came is found, and not done again', async (kind) => {
      sut.loseAnswer(kind);
      await expect(sut.actions.perform(orders()[kind])).rejects.toMatchObject({
        code: 'action_uncertain',
        retryable: true,
      });
      expect(sut.effects(kind)).toBe(1);
      await sut.actions.perform(orders()[kind]);
      expect(sut.effects(kind)).toBe(1);
    });

    it.each(kinds)('%s can be shown without being done', async (kind) => {
      const shown = await sut.actions.preview(orders()[kind]);
      expect(shown).toMatchObject({ wouldAct: true });
      expect(shown.calls.length).toBeGreaterThan(0);
      expect(sut.effects(kind)).toBe(0);
      await sut.actions.perform(orders()[kind]);
      expect(await sut.actions.preview(orders()[kind])).toMatchObject({
        wouldAct: false,
        calls: [],
        note: expect.stringMatching(/./) as string,
      });
    });

    it.each(kinds)('%s is left undone when its caller says so at the last moment', async (kind) => {
      const lost = new Error('the claim is lost');
      const beforeWrite = () => Promise.reject(lost);
      await expect(sut.actions.perform(orders()[kind], { beforeWrite })).rejects.toBe(lost);
      expect(sut.effects(kind)).toBe(0);
    });

    it('reruns into a new attempt, and leaves a run alone that is in one already', async () => {
      await sut.actions.perform(orders().rerun_failed_jobs);
      expect(sut.attemptOf(31)).toBe(2);
      expect(await sut.actions.perform(orders().rerun_job)).toMatchObject({ changed: false });
      expect(sut.attemptOf(31)).toBe(2);
    });

    it('says of a job that a newer attempt left out that it did not run again', async () => {
      const lint: Action = { kind: 'rerun_job', runId: 31, attempt: 1, jobId: 312, jobName: 'lint' };
      await sut.actions.perform(orders().rerun_job);
      await expect(sut.actions.perform(order(lint))).rejects.toMatchObject({
        code: 'action_conflict',
        retryable: false,
      });
    });

    it('waits for a run that still goes on', async () => {
      await expect(
        sut.actions.perform(order({ kind: 'rerun_failed_jobs', runId: 32, attempt: 1 })),
      ).rejects.toMatchObject({ code: 'github_run_active', retryable: true });
    });

    it('cancels nothing that has ended, and no newer attempt', async () => {
      expect(await sut.actions.perform(order({ kind: 'cancel_run', runId: 31, attempt: 1 }))).toMatchObject({
        changed: false,
      });
      await sut.actions.perform(orders().rerun_failed_jobs);
      await expect(
        sut.actions.perform(order({ kind: 'cancel_run', runId: 31, attempt: 1 })),
      ).rejects.toMatchObject({ code: 'action_conflict' });
    });

    it('brings the comment up to date and never writes a second one', async () => {
      const { remoteId } = await sut.actions.perform(comment('4 failed'));
      expect(await sut.actions.perform(comment('3 failed', remoteId))).toMatchObject({
        remoteId,
        changed: true,
      });
      expect(await sut.actions.perform(comment('2 failed'))).toMatchObject({ remoteId, changed: true });
      expect(sut.comments()).toHaveLength(1);
      expect(sut.comments()[0]).toMatchObject({
        pullRequest: 7,
        body: expect.stringMatching(/^2 failed/) as string,
      });
    });

    it('does not write a comment again that somebody deleted', async () => {
      const { remoteId } = await sut.actions.perform(comment('4 failed'));
      sut.deleteComments();
      await expect(sut.actions.perform(comment('3 failed', remoteId))).rejects.toMatchObject({
        code: 'action_conflict',
        retryable: false,
      });
      expect(sut.comments()).toEqual([]);
    });

    it('annotates every line, however many calls that takes', async () => {
      await sut.actions.perform(orders().check_run);
      expect(sut.checks()).toEqual([120]);
    });

    describe('a fix', () => {
      const branch = fixBranch(MARKER);

      it('is a draft pull request with the edits on a branch of its own', async () => {
        await sut.actions.perform(fix());
        expect(sut.pulls()).toEqual([{ head: branch, base: 'main', draft: true }]);
        expect(sut.fileOn(branch, 'src/basket.ts')).toBe('const price: number = 7;\n');
        expect(sut.fileOn(branch, 'README.md')).toBe(FILES['README.md']);
        expect(sut.fileOn('main', 'src/basket.ts')).toBe(FILES['src/basket.ts']);
      });

      it('shows its diff before', async () => {
        const { diff } = await sut.actions.preview(fix());
        expect(diff).toContain('--- a/src/basket.ts');
        expect(diff).toMatch(/^-.*"7"/m);
        expect(diff).toMatch(/^\+.*7/m);
      });

      it.each([
        ['matches two places', { path: 'README.md', search: 'one', replace: 'three' }],
        ['matches none', { path: 'README.md', search: 'four', replace: 'three' }],
        ['names no file', { path: 'src/other.ts', search: 'one', replace: 'three' }],
        ['names a folder', { path: 'src', search: 'one', replace: 'three' }],
      ])('whose edit %s is refused, with nothing written', async (_, edit) => {
        const broken = fix({ edits: [{ path: 'src/basket.ts', search: '"7"', replace: '7' }, edit] });
        const refusal = { code: 'edits_do_not_fit', retryable: false };
        await expect(sut.actions.preview(broken)).rejects.toMatchObject(refusal);
        await expect(sut.actions.perform(broken)).rejects.toMatchObject(refusal);
        expect(sut.effects('fix_pull_request')).toBe(0);
        expect(sut.fileOn(branch, 'README.md')).toBeNull();
      });

      it('makes several edits of one file, each where the one before left it', async () => {
        const edits = [
          { path: 'src/basket.ts', search: 'number', replace: 'string' },
          { path: 'src/basket.ts', search: ': string', replace: ': Price' },
          { path: 'README.md', search: 'two', replace: '$& and $1' },
        ];
        await sut.actions.perform(fix({ edits }));
        expect(sut.fileOn(branch, 'src/basket.ts')).toBe('const price: Price = "7";\n');
        expect(sut.fileOn(branch, 'README.md')).toBe('one\n$& and $1\none\n');
      });

      it('is built on the base as it is now where the edits still fit', async () => {
        sut.commit('main', { ...FILES, 'README.md': 'newer\n' });
        expect((await sut.actions.preview(fix())).note).toMatch(/moved/);
        await sut.actions.perform(fix());
        expect(sut.fileOn(branch, 'README.md')).toBe('newer\n');
        expect(sut.fileOn(branch, 'src/basket.ts')).toBe('const price: number = 7;\n');
      });

      it('is given up when the base has moved under its edits', async () => {
        sut.commit('main', { ...FILES, 'src/basket.ts': 'const price = 8;\n' });
        await expect(sut.actions.perform(fix())).rejects.toMatchObject({ code: 'edits_do_not_fit' });
        expect(sut.pulls()).toEqual([]);
      });

      it("leaves a branch alone that has somebody else's commit", async () => {
        sut.commit(branch, { 'src/basket.ts': 'mine\n' });
        await expect(sut.actions.perform(fix())).rejects.toMatchObject({ code: 'action_conflict' });
        expect(sut.fileOn(branch, 'src/basket.ts')).toBe('mine\n');
        expect(sut.pulls()).toEqual([]);
      });

      it('for a branch that is gone is given up', async () => {
        await expect(sut.actions.perform(fix({ base: 'gone' }))).rejects.toMatchObject({
          code: 'action_conflict',
        });
      });
    });
  });
}
