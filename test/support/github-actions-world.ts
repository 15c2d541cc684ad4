import { Octokit } from '@octokit/rest';
import { retry } from '@octokit/plugin-retry';
import { GithubStandIn, OctokitCiActions, type GithubCalls } from '@app/github';

const RetryingOctokit = Octokit.plugin(retry);

/** Actions by the real Octokit on a stand-in; without the pauses that GitHub wants between writes. */
export class GithubActionsWorld {
  private constructor(
    readonly github: GithubStandIn,
    readonly actions: OctokitCiActions,
  ) {}

  static async start(): Promise<GithubActionsWorld> {
    const github = await GithubStandIn.start();
    const octokit = new RetryingOctokit({
      baseUrl: github.url,
      auth: 'token',
      retry: { retryAfterBaseValue: 1 },
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    });
    const calls: GithubCalls = {
      call: ({ owner, name }, _what, call) => call(octokit as never, { owner, repo: name }),
    };
    return new GithubActionsWorld(github, new OctokitCiActions(calls));
  }

  get repository() {
    return this.github.repository('octo/app');
  }

  addPullRequest(number: number): void {
    this.repository.pulls.set(number, { number, headSha: 'b'.repeat(40), headRef: 'topic' });
  }

  /** @returns the commit's SHA */
  commit(branch: string, files: Record<string, string>): string {
    const parent = this.repository.findCommit(branch)?.sha;
    return this.repository.addCommit({ files, parents: parent === undefined ? [] : [parent] }, branch);
  }

  fileOn(branch: string, path: string): string | null {
    const content = this.repository.findCommit(`refs/heads/${branch}`)?.files.get(path);
    return content === undefined ? null : Buffer.from(content).toString();
  }

  close(): Promise<void> {
    return this.github.close();
  }
}

function ignore(): void {
  // A log that nobody reads.
}
