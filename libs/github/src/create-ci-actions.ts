import type { CiActions } from '@app/domain';
import { OctokitCiActions } from './actions/octokit-ci-actions.js';
import type { GithubApi } from './client/github-api.js';

/** The writing side of GitHub: never cached, signed in like the reading side. */
export function createCiActions(api: GithubApi): CiActions {
  return new OctokitCiActions(api);
}
