import type { GithubPart } from '../../github-schema.js';
import type { PullRequestSeed, RepositoryState } from '../state/repository-state.js';
import { NOT_FOUND, ok, paged, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';

/** Pull requests, and those that a commit belongs to. */
export const PULL_ROUTES = [
  repositoryEndpoint('commit_pulls', 'GET /commits/{sha}/pulls', (call, repository) => {
    const pulls = [...repository.pulls.values()].filter((pull) =>
      [pull.headSha, pull.mergeCommitSha].includes(call.params['sha']!),
    );
    return paged(
      call,
      pulls.map((pull) => pullPayload(call, repository, pull)),
    );
  }),
  repositoryEndpoint('pull', 'GET /pulls/{number}', (call, repository) => {
    const pull = repository.pulls.get(Number(call.params['number']));
    return pull ? ok(pullPayload(call, repository, pull)) : NOT_FOUND;
  }),
];

/** A pull request in the shape of GitHub's REST API. */
export function pullPayload({ state }: StandInCall, repository: RepositoryState, pull: PullRequestSeed) {
  const headRepository = pull.headRepository ?? repository.fullName;
  const login = pull.author ?? 'mona';
  const at = new Date('2026-11-20T09:30:00Z').toISOString();
  const place = (fullName: string, ref: string, sha: string) => {
    const [owner = '', name = ''] = fullName.split('/');
    const known = state.find(fullName);
    return {
      label: `${owner}:${ref}`,
      ref,
      sha,
      user: { login: owner, id: 2, type: 'User' },
      repo: { id: known?.id ?? 1, name, full_name: fullName, fork: fullName !== repository.fullName },
    };
  };
  return {
    id: 1_000_000 + pull.number,
    number: pull.number,
    node_id: `PR_${pull.number}`,
    title: pull.title ?? `Change ${pull.number}`,
    state: pull.state ?? (pull.mergedAt ? 'closed' : 'open'),
    draft: pull.draft ?? false,
    user: { login, id: 3, type: 'User' },
    head: place(headRepository, pull.headRef ?? 'topic', pull.headSha),
    base: place(
      repository.fullName,
      pull.baseRef ?? repository.defaultBranch,
      pull.baseSha ?? '0'.repeat(40),
    ),
    merged: Boolean(pull.mergedAt),
    merged_at: pull.mergedAt?.toISOString() ?? null,
    merge_commit_sha: pull.mergeCommitSha ?? null,
    created_at: at,
    updated_at: at,
    url: `${state.apiUrl}/repos/${repository.fullName}/pulls/${pull.number}`,
    html_url: `https://github.com/${repository.fullName}/pull/${pull.number}`,
  } satisfies GithubPart<'pull-request'>;
}
