import {
  repositoryName,
  type Action,
  type ActionEffect,
  type ActionKind,
  type ActionOrder,
  type ActionPreview,
  type CiActions,
  type PerformOptions,
  type RepositoryRef,
} from '@app/domain';
import type { GithubClient } from '../client/github-client.js';
import type { ActionAdapter, ActionContext } from './action-adapter.js';
import { checkRun } from './check-run.js';
import { fixPullRequest } from './fix-pull-request.js';
import { GithubReads, GithubWrites } from './github-session.js';
import { issue } from './issue.js';
import { cancelRun, rerunFailedJobs, rerunJob } from './runs.js';
import { stickyComment } from './sticky-comment.js';

/** What gives a call the client whose credentials reach its repository. */
export interface GithubCalls {
  /** @throws ExternalFailure */
  call<T>(
    repository: RepositoryRef,
    what: string,
    call: (octokit: GithubClient, target: { owner: string; repo: string }) => Promise<T>,
  ): Promise<T>;
}

const ADAPTERS: { readonly [K in ActionKind]: ActionAdapter<Extract<Action, { kind: K }>> } = {
  rerun_failed_jobs: rerunFailedJobs,
  rerun_job: rerunJob,
  cancel_run: cancelRun,
  comment: stickyComment,
  check_run: checkRun,
  issue,
  fix_pull_request: fixPullRequest,
};

/** Actions through GitHub's REST API. */
export class OctokitCiActions implements CiActions {
  constructor(private readonly github: GithubCalls) {}

  preview(order: ActionOrder): Promise<ActionPreview> {
    const { repository, action } = order;
    return this.github.call(repository, action.kind, (octokit, target) =>
      adapterOf(action).preview(
        contextOf(order),
        new GithubReads(octokit, target, repositoryName(repository), {}),
      ),
    );
  }

  perform(order: ActionOrder, options: PerformOptions = {}): Promise<ActionEffect> {
    const { repository, action } = order;
    return this.github.call(repository, action.kind, (octokit, target) =>
      adapterOf(action).perform(
        contextOf(order),
        new GithubWrites(octokit, target, repositoryName(repository), options),
      ),
    );
  }
}

function adapterOf(action: Action): ActionAdapter {
  return ADAPTERS[action.kind] as unknown as ActionAdapter;
}

function contextOf({ action, marker, remoteId }: ActionOrder): ActionContext {
  return { action, marker, remoteId };
}
