import { setTimeout as after } from 'node:timers/promises';
import {
  workflowJobEvent,
  workflowRunEvent,
  type GithubStandIn,
  type JobSeed,
  type PullRequestSeed,
  type RunSeed,
  type StandInEffect,
} from '@app/github';
import { failingLog, typeError } from '../failing-log.js';
import {
  checkRunEvent,
  conversationEvent,
  pullRequestEvent,
  pushEvent,
} from '../../support/webhook-events.js';
import { incidentKey, type Expected } from './expected.js';

/** A run of the product's own branch, and the one after its merge, have numbers of their own. */
const OWN_RUNS = 950_000;
const MERGED_RUNS = 960_000;
/** How long a run that was started again takes. */
const RUN_MS = 300;
const OWN_AUTHOR = 'devflowfix[bot]';

/** Hands a webhook to whoever sends them. */
export type Tell = (event: string, payload: unknown) => void;

/**
 * What happens at GitHub after an action: reruns end, fixes get a run of their own that fails, and are merged or not. All
 * of it is told by webhooks, those of the product's own doing too.
 */
export class Reactions {
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly github: GithubStandIn,
    private readonly expected: Expected,
    private readonly tell: Tell,
    private readonly random: () => number,
  ) {
    github.state.writes.onEffect = (effect) => this.to(effect);
  }

  /** Whether nothing of it is under way. */
  get areOver(): boolean {
    return this.running.size === 0;
  }

  private to(effect: StandInEffect): void {
    const reaction = this.react(effect).finally(() => this.running.delete(reaction));
    this.running.add(reaction);
  }

  private async react({ kind, repository, subject }: StandInEffect): Promise<void> {
    // What was asked is answered first.
    await after(0);
    const state = this.github.repository(repository);
    switch (kind) {
      case 'run_rerun':
        return this.finishAgain(state.findRun(Number(subject))!);
      case 'job_rerun':
        return this.finishAgain(state.findRun(state.findJob(Number(subject))!.run.id)!);
      case 'run_cancelled':
        return this.tellCancelled(state.findRun(Number(subject))!);
      case 'comment_created':
      case 'comment_updated':
        return this.tell('issue_comment', conversationEvent(repository, 'created', subject));
      case 'issue_created':
        return this.tell('issues', conversationEvent(repository, 'opened', subject));
      case 'check_created':
        return this.tell('check_run', checkRunEvent({ repository, id: 1, headSha: subject }, []));
      case 'ref_created': {
        const { sha, message } = state.findCommit(subject)!;
        const pushed = { repository, id: 1, branch: subject, headSha: sha, commitMessage: message };
        return this.tell('push', pushEvent(pushed, OWN_AUTHOR));
      }
      case 'pull_created':
        return this.proposed(repository, state.pulls.get(Number(subject))!);
      default:
        return undefined;
    }
  }

  private async finishAgain(queued: RunSeed): Promise<void> {
    this.tell('workflow_run', workflowRunEvent(queued, 'requested'));
    await after(RUN_MS);
    const completedAt = new Date();
    const jobs = queued.jobs!.map((job): JobSeed =>
      isQueued(job) ? this.ended(queued, job, completedAt) : job,
    );
    const hasFailed = jobs.some(({ conclusion }) => conclusion === 'failure');
    this.tellEnded({
      ...queued,
      status: 'completed',
      conclusion: hasFailed ? 'failure' : 'success',
      completedAt,
      jobs,
    });
  }

  private ended(run: RunSeed, { id, name, startedAt }: JobSeed, completedAt: Date): JobSeed {
    if (this.random() < 0.5) return { id, name, startedAt, completedAt, conclusion: 'success' };
    const log = failingLog(run.id, ['npm error network failed, reason: read ECONNRESET']);
    return { id, name, startedAt, completedAt, conclusion: 'failure', failedStep: 'Run build', log };
  }

  private tellEnded(run: RunSeed, about?: { readonly ownWork: boolean; readonly merges: number[] }): void {
    this.github.addRun(run);
    for (const job of run.jobs!) {
      // What an attempt only took over from the one before has no event of its own.
      if (job.completedAt !== run.completedAt) continue;
      this.expected.ended(run, job, about);
      this.tell('workflow_job', workflowJobEvent(run, job));
    }
    this.tell('workflow_run', workflowRunEvent(run));
  }

  private tellCancelled(run: RunSeed): void {
    const jobs = run.jobs!.map((job): JobSeed =>
      job.status === 'in_progress' ? { ...job, status: 'completed', conclusion: 'cancelled' } : job,
    );
    const ended = { ...run, jobs };
    this.github.addRun(ended);
    for (const job of jobs.filter(({ conclusion }) => conclusion === 'cancelled'))
      this.tell('workflow_job', workflowJobEvent(ended, job));
    this.tell('workflow_run', workflowRunEvent(ended));
  }

  /** The fix's own run fails, of which nothing may come. Half of the fixes are merged all the same, and mend the branch. */
  private async proposed(repository: string, pull: PullRequestSeed): Promise<void> {
    this.tell('pull_request', pullRequestEvent(repository, 'opened', pull, new Date()));
    await after(RUN_MS);
    const state = this.github.repository(repository);
    const mended = state.runs.find(({ branch }) => branch === pull.baseRef)!;
    const completedAt = new Date();
    const job: JobSeed = {
      id: mended.id * 1_000,
      name: 'build',
      conclusion: 'failure',
      failedStep: 'Run build',
      startedAt: completedAt,
      completedAt,
      log: failingLog(mended.id, [typeError(mended.id)]),
    };
    const own: RunSeed = {
      repository,
      id: OWN_RUNS + (mended.id % 10_000),
      branch: pull.headRef,
      headSha: pull.headSha,
      event: 'pull_request',
      commitMessage: state.findCommit(pull.headSha)!.message,
      pullRequests: [pull.number],
      conclusion: 'failure',
      completedAt,
      jobs: [job],
    };
    this.tellEnded(own, { ownWork: true, merges: [] });
    if (this.random() < 0.5) return;
    await after(RUN_MS);
    this.merge(repository, pull, mended, incidentKey(own, job));
  }

  private merge(repository: string, pull: PullRequestSeed, mended: RunSeed, ownKey: string): void {
    const state = this.github.repository(repository);
    const mergedAt = new Date();
    const { files, message } = state.findCommit(pull.headSha)!;
    const mergeCommitSha = state.addCommit(
      {
        files: Object.fromEntries(files),
        message: `Merge pull request #${pull.number}\n\n${message}`,
        parents: [pull.headSha],
        at: mergedAt,
      },
      pull.baseRef,
    );
    const merged: PullRequestSeed = { ...pull, state: 'closed', mergedAt, mergeCommitSha };
    state.pulls.set(pull.number, merged);
    this.expected.incidents.get(ownKey)!.merges.push(pull.number);
    this.tell('pull_request', pullRequestEvent(repository, 'closed', merged, mergedAt));
    const job: JobSeed = {
      id: mended.id * 1_000 + 1,
      name: 'build',
      conclusion: 'success',
      startedAt: mergedAt,
      completedAt: mergedAt,
    };
    this.tellEnded({
      repository,
      id: MERGED_RUNS + (mended.id % 10_000),
      branch: pull.baseRef,
      headSha: mergeCommitSha,
      conclusion: 'success',
      completedAt: mergedAt,
      jobs: [job],
    });
  }
}

function isQueued({ status }: JobSeed): boolean {
  return status === 'queued';
}
