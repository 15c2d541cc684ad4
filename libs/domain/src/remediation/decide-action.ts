import type { CodeEdit } from '../code-edit.js';
import { isOwnWork } from '../own-work.js';
import { isRemedy, type Action, type ActionKind } from './action.js';
import type { ActionPolicy } from './action-policy.js';
import { isRepositoryPath, matchesPattern } from './path-pattern.js';

/** What is known of the failed run from the provider and the incident; nothing of it comes out of a log. */
export interface ActionFacts {
  readonly runId: number;
  readonly jobName: string;
  /** The latest failed attempt of the job. */
  readonly attempt: number;
  readonly jobId: number | null;
  readonly headSha: string | null;
  readonly branch: string | null;
  readonly pullRequests: readonly number[];
  /** Null: the provider couldn't say, which counts as a fork. */
  readonly fromFork: boolean | null;
  /** The run is of a branch or a commit that the product made itself. */
  readonly ownWork: boolean;
  /** How sure the diagnosis is, 0 to 1; null without one. */
  readonly confidence: number | null;
  /** The diagnosis rests on evidence, and whoever checked the fix found it safe or wasn't asked. */
  readonly sound: boolean;
}

export type Verdict = 'automatic' | 'approval' | 'refused';

export interface Decision {
  readonly verdict: Verdict;
  /** For people: why it is refused, or why it isn't automatic. */
  readonly reasons: readonly string[];
}

/**
 * Whether a project's policy lets the product do something. Refusals are final: approving can't lift them. The target
 * must be the incident's own run, pull request, branch or commit, so that nothing that a model or a log says can
 * choose another one.
 */
export function decideAction(policy: ActionPolicy, action: Action, facts: ActionFacts): Decision {
  const refusals = [
    ...ofOrigin(policy, action.kind, facts),
    ...ofTarget(action, facts),
    ...(action.kind === 'fix_pull_request' ? ofEdits(policy, action.base, action.edits) : []),
    ...ofAttempts(policy, action.kind, facts),
  ];
  if (refusals.length > 0) return { verdict: 'refused', reasons: refusals };
  const doubts = ofAutomation(policy, action.kind, facts);
  return doubts.length > 0 ? { verdict: 'approval', reasons: doubts } : { verdict: 'automatic', reasons: [] };
}

function ofOrigin(policy: ActionPolicy, kind: ActionKind, facts: ActionFacts): string[] {
  const reasons: string[] = [];
  if (policy.kinds[kind] === 'off') reasons.push(`The project's policy does not allow ${kind}.`);
  if (facts.ownWork) reasons.push('The run is of a branch or commit that devflowfix made itself.');
  if (facts.fromFork !== false && !policy.forkKinds.includes(kind)) {
    reasons.push(
      facts.fromFork === null
        ? 'Whether the run comes from a fork is not known, and the policy allows forks no such action.'
        : 'The run comes from a fork, and the policy allows forks no such action.',
    );
  }
  // A fork's branch is another repository's, which nothing here may write to.
  if (facts.fromFork !== false && kind === 'fix_pull_request')
    reasons.push('No fix is proposed for a branch of a fork.');
  return reasons;
}

function ofTarget(action: Action, facts: ActionFacts): string[] {
  const isOwnTarget = ((): boolean => {
    switch (action.kind) {
      case 'rerun_failed_jobs':
      case 'cancel_run':
        return action.runId === facts.runId && action.attempt === facts.attempt;
      case 'rerun_job':
        return (
          action.runId === facts.runId && action.attempt === facts.attempt && action.jobId === facts.jobId
        );
      case 'comment':
        return facts.pullRequests.includes(action.pullRequest);
      case 'check_run':
        return action.headSha === facts.headSha;
      case 'issue':
        return true;
      case 'fix_pull_request':
        return action.base === facts.branch && action.baseSha === facts.headSha;
    }
  })();
  return isOwnTarget ? [] : [`The target of ${action.kind} is not the incident's own.`];
}

function ofEdits(policy: ActionPolicy, base: string, edits: readonly CodeEdit[]): string[] {
  const reasons: string[] = [];
  if (isOwnWork({ branch: base })) reasons.push('The branch is one of devflowfix itself.');
  if (!policy.branches.some((pattern) => matchesPattern(pattern, base)))
    reasons.push(`The policy allows no fix for the branch ${base}.`);
  const paths = [...new Set(edits.map(({ path }) => path))];
  if (paths.length === 0) reasons.push('The fix edits nothing.');
  for (const path of paths) {
    if (!isRepositoryPath(path)) reasons.push(`${JSON.stringify(path)} is not a path of a repository.`);
    else if (policy.protectedPaths.some((pattern) => matchesPattern(pattern, path, { ignoreCase: true })))
      reasons.push(`${path} is protected.`);
    else if (!policy.paths.some((pattern) => matchesPattern(pattern, path)))
      reasons.push(`The policy allows no edits of ${path}.`);
  }
  if (paths.length > policy.maxFiles)
    reasons.push(`The fix edits ${paths.length} files; the policy allows ${policy.maxFiles}.`);
  const lines = edits.reduce((sum, edit) => sum + changedLines(edit), 0);
  if (lines > policy.maxChangedLines)
    reasons.push(`The fix changes ${lines} lines; the policy allows ${policy.maxChangedLines}.`);
  return reasons;
}

function ofAttempts(policy: ActionPolicy, kind: ActionKind, { attempt }: ActionFacts): string[] {
  const isRerun = kind === 'rerun_failed_jobs' || kind === 'rerun_job';
  if (!isRerun || attempt < policy.maxAttempts) return [];
  return [`The run has had ${attempt} attempts; the policy allows ${policy.maxAttempts}.`];
}

function ofAutomation(policy: ActionPolicy, kind: ActionKind, facts: ActionFacts): string[] {
  const reasons: string[] = [];
  if (policy.kinds[kind] !== 'automatic') reasons.push(`The project's policy wants ${kind} approved.`);
  if (facts.fromFork !== false) reasons.push('What a fork leads to is always approved by a person.');
  if (isRemedy(kind)) {
    if (!facts.sound) reasons.push('The diagnosis is not sure of its evidence or of its fix.');
    if ((facts.confidence ?? 0) < policy.minConfidence)
      reasons.push(
        `The diagnosis is ${percent(facts.confidence ?? 0)} sure; the policy wants ${percent(policy.minConfidence)}.`,
      );
  }
  return reasons;
}

/** Lines taken away and put in, without those that an edit's two sides begin and end with alike. */
export function changedLines({ search, replace }: CodeEdit): number {
  const before = search.split('\n');
  const after = replace.split('\n');
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < Math.min(before.length, after.length) - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++;
  return before.length + after.length - 2 * (start + end);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
