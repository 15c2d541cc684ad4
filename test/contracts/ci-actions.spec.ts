import { ExternalFailure, type ActionKind } from '@app/domain';
import type { StandInEffect } from '@app/github';
import { FakeCiActions } from '../fakes/fake-ci-actions.js';
import { GithubActionsWorld } from '../support/github-actions-world.js';
import { ciActionsContract } from './ci-actions.contract.js';

ciActionsContract('fake', async () => {
  const fake = new FakeCiActions();
  let commits = 0;
  return {
    actions: fake,
    addRun: ({ id, attempt, isActive = false, jobs }) => fake.runs.set(id, { attempt, isActive, ran: jobs }),
    addPullRequest: () => undefined,
    commit: (branch, files) => {
      const sha = `commit ${++commits}`;
      fake.branches.set(branch, { sha, files: { ...files }, marker: null });
      return sha;
    },
    deleteComments: () => void fake.comments.splice(0),
    loseAnswer: (kind) =>
      fake.fail(kind, new ExternalFailure('No answer.', { code: 'action_uncertain', retryable: true }), true),
    attemptOf: (runId) => fake.runs.get(runId)!.attempt,
    comments: () => fake.comments,
    issues: () => fake.issues,
    checks: () => fake.checks.map(({ annotations }) => annotations),
    pulls: () => fake.pulls.map(({ head, base, draft }) => ({ head, base, draft })),
    fileOn: (branch, path) => fake.branches.get(branch)?.files[path] ?? null,
    effects: (kind) => fake.writes.get(kind) ?? 0,
    close: async () => undefined,
  };
});

const MADE: Record<ActionKind, StandInEffect['kind']> = {
  rerun_failed_jobs: 'run_rerun',
  rerun_job: 'job_rerun',
  cancel_run: 'run_cancelled',
  comment: 'comment_created',
  check_run: 'check_created',
  issue: 'issue_created',
  fix_pull_request: 'pull_created',
};
const ROUTE = {
  rerun_failed_jobs: 'rerun',
  rerun_job: 'rerun_job',
  cancel_run: 'cancel',
  comment: 'create_comment',
  check_run: 'create_check',
  issue: 'create_issue',
  fix_pull_request: 'create_pull',
} as const;

ciActionsContract('Octokit', async () => {
  const world = await GithubActionsWorld.start();
  const { github, repository } = world;
  const written = github.state.writes.of('octo/app');
  return {
    actions: world.actions,
    addRun: ({ id, attempt, isActive, jobs }) =>
      github.addRun({
        repository: 'octo/app',
        id,
        attempt,
        ...(isActive ? { status: 'in_progress', conclusion: null } : {}),
        jobs: jobs.map((name, index) => ({ id: id * 10 + index + 1, name })),
      }),
    addPullRequest: (number) => world.addPullRequest(number),
    commit: (branch, files) => world.commit(branch, files),
    deleteComments: () => void written.comments.splice(0),
    loseAnswer: (kind) => github.fail(ROUTE[kind], { kind: 'lost_answer' }),
    attemptOf: (runId) => repository.findRun(runId)!.attempt ?? 1,
    comments: () => written.comments.map(({ issue, body }) => ({ pullRequest: issue, body })),
    issues: () => written.issues,
    checks: () => written.checks.map(({ annotations }) => annotations.length),
    pulls: () =>
      [...repository.pulls.values()]
        .filter(({ number }) => number !== 7)
        .map(({ headRef, baseRef, draft }) => ({ head: headRef!, base: baseRef!, draft: draft! })),
    fileOn: (branch, path) => world.fileOn(branch, path),
    effects: (kind) => github.state.writes.count(MADE[kind]),
    close: () => world.close(),
  };
});
