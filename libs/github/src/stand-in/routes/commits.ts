import type { GithubPart } from '../../github-schema.js';
import { changesBetween, type CommitState } from '../state/commit-state.js';
import type { RepositoryState } from '../state/repository-state.js';
import { NOT_FOUND, ok, refused, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';

/** Most files that GitHub lists for a commit or a comparison in one page. */
const FILES_A_PAGE = 300;
/** Most commits of a comparison that is asked for without a page. */
const COMMITS_A_COMPARISON = 250;

/** A commit with what it changed, and the comparison of two commits. */
export const COMMIT_ROUTES = [
  repositoryEndpoint('commit', 'GET /commits/{ref}', (call, repository) => {
    const commit = repository.findCommit(call.params['ref']!);
    if (!commit) return refused(422, `No commit found for SHA: ${call.params['ref']}`);
    const parent = repository.commits.get(commit.parents[0] ?? '');
    const files = changesBetween(parent?.files ?? new Map(), commit.files, commit.renamed);
    return ok({
      ...commitPayload(call, repository, commit),
      stats: { total: 0, additions: 0, deletions: 0 },
      files: files.slice(0, FILES_A_PAGE),
    } satisfies GithubPart<'commit'>);
  }),
  repositoryEndpoint('compare', 'GET /compare/{range+}', (call, repository) => {
    const [from = '', to = ''] = call.params['range']!.split('...');
    const base = repository.findCommit(from);
    const head = repository.findCommit(to);
    if (!base || !head) return NOT_FOUND;
    const commits = repository.commitsBetween(base, head);
    return ok({
      status: commits.length === 0 ? 'identical' : 'ahead',
      ahead_by: commits.length,
      behind_by: 0,
      total_commits: commits.length,
      html_url: `https://github.com/${repository.fullName}/compare/${from}...${to}`,
      base_commit: commitPayload(call, repository, base),
      commits: commits
        .slice(0, COMMITS_A_COMPARISON)
        .map((commit) => commitPayload(call, repository, commit)),
      files: changesBetween(base.files, head.files, head.renamed).slice(0, FILES_A_PAGE),
    } satisfies GithubPart<'commit-comparison'>);
  }),
];

function commitPayload({ state }: StandInCall, repository: RepositoryState, commit: CommitState) {
  const api = `${state.apiUrl}/repos/${repository.fullName}`;
  const signature = { name: 'Mona Lisa', email: 'mona@example.com', date: commit.at.toISOString() };
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/commits/${commit.sha}`,
    html_url: `https://github.com/${repository.fullName}/commit/${commit.sha}`,
    commit: {
      message: commit.message,
      author: signature,
      committer: signature,
      tree: { sha: commit.treeSha, url: `${api}/git/trees/${commit.treeSha}` },
    },
    author: commit.author === null ? null : { login: commit.author, id: 1, type: 'User' },
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}` })),
  } satisfies GithubPart<'commit'>;
}
