import type { Config } from '@app/config';
import { GITHUB_HOST, parseRepository, type RepositoryRef } from '@app/domain';
import { servedHostOf } from '@app/github';

/**
 * The repository a caller names as `owner/name` or `host/owner/name`. Without a host it is on the GitHub that the product
 * asks: a GitHub Enterprise server where GITHUB_API_URL leads to one.
 * @throws InvalidInput
 */
export function repositoryOf(name: string, { github }: Pick<Config, 'github'>): RepositoryRef {
  return parseRepository(name, servedHostOf(github.apiUrl) ?? GITHUB_HOST);
}
