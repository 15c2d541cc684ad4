import type { Log, RepositoryRef } from '@app/domain';
import { createGithubClient, type GithubClient, type GithubClientOptions } from './github-client.js';

/** Octokit clients, each with the credentials that reach a repository. */
export class GithubClients {
  private readonly single: GithubClient;

  constructor(options: GithubClientOptions, log: Log) {
    this.single = createGithubClient(options, log);
  }

  /** @throws ExternalFailure when no credentials lead there */
  async forRepository(_repository: RepositoryRef): Promise<GithubClient> {
    return this.single;
  }
}
