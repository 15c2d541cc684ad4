import { ok, repositoryEndpoint } from '../stand-in-route.js';
import { repositoryPayload } from '../run-payloads.js';
import { linksOf } from './runs.js';

/** The repository itself. */
export const REPOSITORY_ROUTES = [
  repositoryEndpoint('repository', 'GET ', (call, repository) =>
    ok({
      ...repositoryPayload(repository.fullName, linksOf(call)),
      id: repository.id,
      private: repository.private,
      visibility: repository.private ? 'private' : 'public',
      fork: repository.fork,
      archived: repository.archived,
      default_branch: repository.defaultBranch,
    }),
  ),
];
