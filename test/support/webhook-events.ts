import { SEED_DEFAULTS, workflowRunEvent, type PullRequestSeed, type RunSeed } from '@app/github';

/** The body of a `push` webhook. */
export function pushEvent(
  { repository, branch = SEED_DEFAULTS.branch, headSha = SEED_DEFAULTS.headSha, commitMessage }: RunSeed,
  author = 'Mona Lisa',
) {
  return {
    ref: `refs/heads/${branch}`,
    after: headSha,
    deleted: false,
    head_commit: { id: headSha, message: commitMessage ?? 'Change of the build', author: { name: author } },
    repository: repositoryOf(repository),
  };
}

/** The body of a `check_run` webhook. */
export function checkRunEvent(
  { repository, id, headSha = SEED_DEFAULTS.headSha }: RunSeed,
  pullRequests: readonly number[],
) {
  return {
    action: 'completed',
    check_run: {
      id,
      head_sha: headSha,
      conclusion: 'neutral',
      pull_requests: pullRequests.map((number) => ({ number })),
    },
    repository: repositoryOf(repository),
  };
}

/** The body of a `pull_request` webhook. */
export function pullRequestEvent(repository: string, action: string, pull: PullRequestSeed, changedAt: Date) {
  return {
    action,
    pull_request: {
      number: pull.number,
      state: pull.state ?? 'open',
      merged_at: pull.mergedAt?.toISOString() ?? null,
      merge_commit_sha: pull.mergeCommitSha ?? null,
      updated_at: changedAt.toISOString(),
      html_url: `https://github.com/${repository}/pull/${pull.number}`,
      head: { ref: pull.headRef ?? 'topic', sha: pull.headSha },
    },
    repository: repositoryOf(repository),
  };
}

/** The body of an `issues` or `issue_comment` webhook, which the product has no use for. */
export function conversationEvent(repository: string, action: string, number: string) {
  return { action, issue: { number: Number(number) }, repository: repositoryOf(repository) };
}

function repositoryOf(repository: string) {
  return workflowRunEvent({ repository, id: 1 }).repository;
}
