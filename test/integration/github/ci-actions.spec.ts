import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  OWN_COMMIT_TRAILER,
  fixBranch,
  isOwnWork,
  parseRepository,
  type Action,
  type ActionOrder,
} from '@app/domain';
import { GithubActionsWorld } from '../../support/github-actions-world.js';

const repository = parseRepository('octo/app');
const MARKER = 'fedcba9876543210fedcba9876543210';
const FILES = { 'src/basket.ts': 'const price = "7";\n', 'bin/run.sh': 'echo 7\n', link: 'src/basket.ts' };

function order(action: Action, remoteId: string | null = null): ActionOrder {
  return { repository, action, marker: MARKER, remoteId };
}

describe('actions on GitHub', () => {
  let world: GithubActionsWorld;
  let baseSha: string;

  beforeEach(async () => {
    world = await GithubActionsWorld.start();
    world.addPullRequest(7);
    world.github.addRun({ repository: 'octo/app', id: 31, jobs: [{ id: 311, name: 'unit' }] });
    baseSha = world.commit('main', FILES);
  });
  afterEach(() => world.close());

  const fix = (edits = [{ path: 'src/basket.ts', search: '"7"', replace: '7' }]): ActionOrder =>
    order({
      kind: 'fix_pull_request',
      base: 'main',
      baseSha,
      title: 'fix: the price is a number',
      body: 'See the evidence.',
      commitMessage: 'fix: the price is a number',
      edits,
    });
  const comment = (body = '4 failed'): ActionOrder => order({ kind: 'comment', pullRequest: 7, body });
  const rerun = order({ kind: 'rerun_failed_jobs', runId: 31, attempt: 1 });
  const count = (kind: Parameters<typeof world.github.state.writes.count>[0]) =>
    world.github.state.writes.count(kind);

  describe('a fix', () => {
    it.each(['create_tree', 'create_commit', 'create_ref', 'create_pull'] as const)(
      'whose answer to %s is lost becomes one branch with one commit, and one pull request',
      async (route) => {
        world.github.fail(route, { kind: 'lost_answer' });
        await expect(world.actions.perform(fix())).rejects.toMatchObject({ code: 'action_uncertain' });
        await world.actions.perform(fix());
        await world.actions.perform(fix());
        expect([count('ref_created'), count('pull_created')]).toEqual([1, 1]);
        const head = world.repository.findCommit(`refs/heads/${fixBranch(MARKER)}`)!;
        expect(head.parents).toEqual([baseSha]);
        expect(head.message).toContain(`\n\n${OWN_COMMIT_TRAILER}: ${MARKER}`);
      },
    );

    it('is known as the product’s own work, so that it leads to no remediation', async () => {
      await world.actions.perform(fix());
      const { message } = world.repository.findCommit(`refs/heads/${fixBranch(MARKER)}`)!;
      expect(isOwnWork({ branch: fixBranch(MARKER) })).toBe(true);
      expect(isOwnWork({ branch: 'main', commitMessage: message })).toBe(true);
    });

    it('keeps the mode of a file that can be run', async () => {
      world.github.state.writes.of('octo/app').modes.set('bin/run.sh', '100755');
      const { calls } = await world.actions.preview(fix([{ path: 'bin/run.sh', search: '7', replace: '8' }]));
      expect(calls[0]!.body['tree']).toEqual([
        expect.objectContaining({ path: 'bin/run.sh', mode: '100755' }),
      ]);
    });

    it('edits no symbolic link', async () => {
      world.github.state.writes.of('octo/app').modes.set('link', '120000');
      await expect(
        world.actions.perform(fix([{ path: 'link', search: 'basket', replace: 'other' }])),
      ).rejects.toMatchObject({ code: 'edits_do_not_fit' });
    });

    it('is not proposed again after people closed it', async () => {
      const { remoteId } = await world.actions.perform(fix());
      const pull = world.repository.pulls.get(Number(remoteId))!;
      world.repository.pulls.set(pull.number, { ...pull, state: 'closed' });
      expect(await world.actions.perform(fix())).toMatchObject({ remoteId, changed: false });
      expect(count('pull_created')).toBe(1);
    });
  });

  it('goes on with annotations where a lost answer left them', async () => {
    const annotations = Array.from({ length: 130 }, (_, line) => ({
      path: 'src/basket.ts',
      startLine: line + 1,
      endLine: line + 1,
      level: 'failure' as const,
      title: 't',
      message: 'm',
    }));
    const check = order({
      kind: 'check_run',
      headSha: baseSha,
      name: 'devflowfix',
      title: 't',
      summary: 's',
      annotations,
    });
    world.github.fail('update_check', { kind: 'lost_answer' });
    await expect(world.actions.perform(check)).rejects.toMatchObject({ code: 'action_uncertain' });
    await world.actions.perform(check);
    expect(count('check_created')).toBe(1);
    const [made] = world.github.state.writes.of('octo/app').checks;
    expect(made!.annotations.map((each) => (each as { start_line: number }).start_line)).toEqual(
      annotations.map(({ startLine }) => startLine),
    );
  });

  it.each([
    [
      'names what GitHub says would suffice',
      { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' },
      'Issues: write or Pull requests: write',
    ],
    ['names what the call needs where GitHub says nothing', {}, 'Pull requests: write'],
  ])('%s when a permission is missing', async (_, headers, missingPermission) => {
    world.github.fail('create_comment', { kind: 'status', status: 403, headers });
    await expect(world.actions.perform(comment())).rejects.toMatchObject({
      code: 'github_forbidden',
      retryable: false,
      message: expect.stringContaining(`“${missingPermission}”`) as string,
      facts: { missingPermission },
    });
    expect(count('comment_created')).toBe(0);
  });

  it.each([
    ['primary', { kind: 'rate_limit', resetsInSeconds: 600 }],
    ['secondary', { kind: 'secondary_limit', retryAfterSeconds: 90 }],
  ] as const)('says how long the %s limit lasts, and writes nothing', async (_, failure) => {
    world.github.fail('rerun', failure);
    const refused = await world.actions.perform(rerun).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'github_rate_limited', retryable: true });
    expect((refused as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(60_000);
    expect(count('run_rerun')).toBe(0);
  });

  it('sends a write once: a server in trouble is not asked again right away', async () => {
    world.github.fail('create_comment', { kind: 'status', status: 502 }, 3);
    await expect(world.actions.perform(comment())).rejects.toMatchObject({ code: 'action_uncertain' });
    expect(world.github.calls.create_comment).toBe(1);
  });

  it('takes the oldest comment with its marker for its own, whoever copied it', async () => {
    const { remoteId } = await world.actions.perform(comment());
    const { comments } = world.github.state.writes.of('octo/app');
    comments.push({ id: 1, issue: 7, body: comments[0]!.body });
    expect(await world.actions.perform(comment('3 failed'))).toMatchObject({ remoteId });
  });

  it('opens no issue where issues are switched off', async () => {
    world.github.state.writes.of('octo/app').issuesDisabled = true;
    await expect(
      world.actions.perform(order({ kind: 'issue', title: 't', body: 'b' })),
    ).rejects.toMatchObject({ retryable: false });
  });
});
