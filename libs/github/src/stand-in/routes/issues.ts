import type { GithubPart } from '../../github-schema.js';
import type { RepositoryState } from '../state/repository-state.js';
import type { IssueState } from '../state/write-state.js';
import { NOT_FOUND, ok, paged, refused, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';
import { linksOf } from './runs.js';

const DISABLED = refused(410, 'Issues are disabled for this repo');

/** Issues, the newest first. */
export const ISSUE_ROUTES = [
  repositoryEndpoint('issues', 'GET /issues', (call, repository) => {
    const { issues, issuesDisabled } = call.state.writes.of(repository.fullName);
    if (issuesDisabled) return DISABLED;
    return paged(
      call,
      issues.toReversed().map((issue) => payload(call, repository, issue)),
    );
  }),
  repositoryEndpoint('issue', 'GET /issues/{number}', (call, repository) => {
    const number = Number(call.params['number']);
    const issue = call.state.writes.of(repository.fullName).issues.find((each) => each.number === number);
    return issue ? ok(payload(call, repository, issue)) : NOT_FOUND;
  }),
  repositoryEndpoint('create_issue', 'POST /issues', (call, repository) => {
    const { issues, issuesDisabled } = call.state.writes.of(repository.fullName);
    if (issuesDisabled) return DISABLED;
    const { title, body } = call.body;
    if (typeof title !== 'string' || title === '') return refused(422, 'Validation Failed');
    const issue: IssueState = {
      number: nextNumber(call, repository),
      title,
      body: String(body),
      state: 'open',
    };
    issues.push(issue);
    call.state.writes.note('issue_created', repository.fullName, issue.number);
    return { status: 201, body: payload(call, repository, issue) };
  }),
];

/** Issues and pull requests share their numbers. */
export function nextNumber(call: StandInCall, repository: RepositoryState): number {
  const { issues } = call.state.writes.of(repository.fullName);
  return Math.max(0, ...repository.pulls.keys(), ...issues.map(({ number }) => number)) + 1;
}

function payload(call: StandInCall, repository: RepositoryState, issue: IssueState) {
  const page = `${linksOf(call).webUrl}/${repository.fullName}/issues/${issue.number}`;
  return { ...issue, id: issue.number, html_url: page } satisfies GithubPart<'issue'>;
}
