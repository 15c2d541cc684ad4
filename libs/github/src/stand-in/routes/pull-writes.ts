import { paged, refused, repositoryEndpoint } from '../stand-in-route.js';
import { nextNumber } from './issues.js';
import { pullPayload } from './pulls.js';

/** Listing pull requests by their head, and opening them. */
export const PULL_WRITE_ROUTES = [
  repositoryEndpoint('pulls', 'GET /pulls', (call, repository) => {
    const head = call.url.searchParams.get('head');
    const state = call.url.searchParams.get('state') ?? 'open';
    const pulls = [...repository.pulls.values()]
      .map((pull) => pullPayload(call, repository, pull))
      .filter(
        (pull) => (head === null || pull.head.label === head) && (state === 'all' || pull.state === state),
      );
    return paged(call, pulls);
  }),
  repositoryEndpoint('create_pull', 'POST /pulls', (call, repository) => {
    const { title, head, base, draft } = call.body;
    const headSha = repository.refs.get(`refs/heads/${String(head)}`);
    const baseSha = repository.refs.get(`refs/heads/${String(base)}`);
    if (headSha === undefined || baseSha === undefined)
      return refused(422, 'Validation Failed', [{ field: headSha === undefined ? 'head' : 'base' }]);
    const isOpen = [...repository.pulls.values()].some(
      (pull) => pull.headRef === head && pull.baseRef === base && (pull.state ?? 'open') === 'open',
    );
    if (isOpen) return refused(422, 'Validation Failed', [{ message: 'A pull request already exists.' }]);
    const number = nextNumber(call, repository);
    const pull = {
      number,
      title: String(title),
      author: 'devflowfix[bot]',
      draft: draft === true,
      headSha,
      headRef: String(head),
      baseRef: String(base),
      baseSha,
    };
    repository.pulls.set(number, pull);
    call.state.writes.note('pull_created', repository.fullName, number);
    return { status: 201, body: pullPayload(call, repository, pull) };
  }),
];
