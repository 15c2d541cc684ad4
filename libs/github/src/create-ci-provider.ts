import type { Cache, CiProvider, Log } from '@app/domain';
import type { Config } from '@app/config';
import { CachedCiProvider } from './cached-ci-provider.js';
import { OctokitCiProvider } from './octokit-ci-provider.js';

/** The CI provider of the product, outermost first: cached → Octokit. */
export function createCiProvider(config: Pick<Config, 'github'>, cache: Cache, log: Log): CiProvider {
  return new CachedCiProvider(new OctokitCiProvider(config.github, log, cache), cache, log);
}
