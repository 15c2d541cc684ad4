import type { Cache, CiProvider, Log } from '@app/domain';
import type { Config } from '@app/config';
import { CachedCiProvider } from './cached-ci-provider.js';
import type { GithubApi } from './client/github-api.js';
import { OctokitCiProvider } from './octokit-ci-provider.js';

/** The CI provider of the product, outermost first: cached → Octokit. */
export function createCiProvider(
  config: Pick<Config, 'github'>,
  api: GithubApi,
  cache: Cache,
  log: Log,
): CiProvider {
  return new CachedCiProvider(new OctokitCiProvider(api, config.github), cache, log);
}
