import type { GithubPart } from '../../github-schema.js';
import type { RepositoryState } from '../state/repository-state.js';
import type { CommentState } from '../state/write-state.js';
import { NOT_FOUND, ok, paged, refused, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';
import { linksOf } from './runs.js';

/** Comments on issues and pull requests. */
export const COMMENT_ROUTES = [
  repositoryEndpoint('comments', 'GET /issues/{number}/comments', (call, repository) => {
    const number = Number(call.params['number']);
    const { comments } = call.state.writes.of(repository.fullName);
    const shown = comments.filter(({ issue }) => issue === number);
    return paged(
      call,
      shown.map((comment) => payload(call, repository, comment)),
    );
  }),
  repositoryEndpoint('comment', 'GET /issues/comments/{id}', (call, repository) => {
    const comment = find(call, repository);
    return comment ? ok(payload(call, repository, comment)) : NOT_FOUND;
  }),
  repositoryEndpoint('create_comment', 'POST /issues/{number}/comments', (call, repository) => {
    const issue = Number(call.params['number']);
    const { comments, issues } = call.state.writes.of(repository.fullName);
    const exists = repository.pulls.has(issue) || issues.some(({ number }) => number === issue);
    if (!exists) return NOT_FOUND;
    if (typeof call.body['body'] !== 'string') return refused(422, 'Validation Failed');
    const comment = { id: call.state.nextId(), issue, body: call.body['body'] };
    comments.push(comment);
    call.state.writes.note('comment_created', repository.fullName, issue);
    return { status: 201, body: payload(call, repository, comment) };
  }),
  repositoryEndpoint('update_comment', 'PATCH /issues/comments/{id}', (call, repository) => {
    const comment = find(call, repository);
    if (!comment) return NOT_FOUND;
    comment.body = String(call.body['body']);
    call.state.writes.note('comment_updated', repository.fullName, comment.issue);
    return ok(payload(call, repository, comment));
  }),
];

function find(call: StandInCall, repository: RepositoryState): CommentState | undefined {
  const id = Number(call.params['id']);
  return call.state.writes.of(repository.fullName).comments.find((comment) => comment.id === id);
}

function payload(call: StandInCall, repository: RepositoryState, { id, issue, body }: CommentState) {
  const page = `${linksOf(call).webUrl}/${repository.fullName}/pull/${issue}#issuecomment-${id}`;
  return {
    id,
    body,
    html_url: page,
    user: { login: 'devflowfix[bot]', id: 4, type: 'Bot' },
  } satisfies GithubPart<'issue-comment'>;
}
