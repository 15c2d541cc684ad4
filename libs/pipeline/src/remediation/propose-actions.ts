import {
  isRemedy,
  isRepositoryPath,
  type Action,
  type ActionFacts,
  type ActionKind,
  type Annotation,
} from '@app/domain';
import { composeComment } from './compose-comment.js';
import { causeOf, sourceOf, type FailedIncident } from './failed-incident.js';
import { code, fenced, link, plain, titleLine } from './markdown.js';

const MAX_ANNOTATIONS = 200;
const MAX_TITLE_CHARS = 100;
/** Git's convention for the first line. */
const MAX_SUBJECT_CHARS = 72;

/** An action with the reason for it. */
export interface Proposal {
  readonly action: Action;
  readonly why: string;
}

/** What is known when actions are proposed. */
export interface ProposalGround {
  readonly failure: FailedIncident;
  readonly facts: ActionFacts;
  /** All failures of the same commit, for the comment. */
  readonly ofCommit: readonly FailedIncident[];
}

type Proposer = (ground: ProposalGround) => Proposal | null;

/** In the order in which they are taken: a comment tells of the others. */
const PROPOSERS: Readonly<Record<ActionKind, Proposer>> = {
  cancel_run: ({ facts }) => ({
    action: { kind: 'cancel_run', runId: facts.runId, attempt: facts.attempt },
    why: 'Somebody asked for it.',
  }),
  rerun_failed_jobs: ({ facts, failure }) => ({
    action: { kind: 'rerun_failed_jobs', runId: facts.runId, attempt: facts.attempt },
    why: rerunReason(failure),
  }),
  rerun_job: ({ facts, failure }) =>
    facts.jobId === null
      ? null
      : {
          action: {
            kind: 'rerun_job',
            runId: facts.runId,
            attempt: facts.attempt,
            jobId: facts.jobId,
            jobName: facts.jobName,
          },
          why: rerunReason(failure),
        },
  fix_pull_request: proposeFix,
  check_run: proposeCheck,
  issue: ({ failure }) => ({
    action: {
      kind: 'issue',
      title: titleLine(`CI: ${causeOf(failure)}`, MAX_TITLE_CHARS),
      body: composeBody(failure),
    },
    why: 'No pull request shows the failure to people.',
  }),
  comment: ({ facts, ofCommit }) => {
    const pullRequest = facts.pullRequests[0];
    if (pullRequest === undefined) return null;
    return {
      action: { kind: 'comment', pullRequest, body: composeComment(ofCommit, facts.headSha) },
      why: 'The people of the pull request look there.',
    };
  },
};

const ORDER = Object.keys(PROPOSERS) as ActionKind[];

/**
 * What may be done about a failure. Kinds that somebody asked for are proposed where they are possible at all; by itself
 * only what the diagnosis speaks for, and one remedy at most.
 */
export function proposeActions(ground: ProposalGround, asked: readonly ActionKind[] | null): Proposal[] {
  const kinds = asked ?? recommended(ground);
  return ORDER.filter((kind) => kinds.includes(kind)).flatMap((kind) => PROPOSERS[kind](ground) ?? []);
}

function recommended(ground: ProposalGround): ActionKind[] {
  const { failure, facts } = ground;
  const kinds: ActionKind[] = [];
  const remedy = remedyOf(ground);
  if (remedy !== null) kinds.push(remedy);
  if (facts.pullRequests.length > 0) kinds.push('comment', 'check_run');
  // What a rerun mends is not worth an issue.
  else if (remedy === null || !isRemedy(remedy)) kinds.push('issue');
  return failure.diagnosis === null ? kinds.filter((kind) => !isRemedy(kind)) : kinds;
}

function remedyOf(ground: ProposalGround): ActionKind | null {
  const classification = ground.failure.diagnosis?.classification;
  if (!classification) return null;
  if (isTransient(ground.failure) || classification.fixability === 'rerun') return 'rerun_failed_jobs';
  return proposeFix(ground) === null ? null : 'fix_pull_request';
}

function isTransient({ diagnosis }: FailedIncident): boolean {
  const determinism = diagnosis?.classification.determinism;
  return determinism === 'transient' || determinism === 'flaky';
}

function rerunReason(failure: FailedIncident): string {
  return isTransient(failure)
    ? 'The failure is a passing one: the same commit may well pass.'
    : 'Running again tells whether the failure lasts.';
}

function proposeFix({ failure, facts }: ProposalGround): Proposal | null {
  const { diagnosis } = failure;
  const { branch, headSha } = facts;
  if (diagnosis === null || diagnosis.solution.edits.length === 0 || branch === null || headSha === null)
    return null;
  const { summary, edits } = diagnosis.solution;
  return {
    action: {
      kind: 'fix_pull_request',
      base: branch,
      baseSha: headSha,
      title: titleLine(`fix: ${summary}`, MAX_TITLE_CHARS),
      body: composeBody(failure),
      commitMessage: titleLine(`fix: ${summary}`, MAX_SUBJECT_CHARS),
      edits,
    },
    why: 'The diagnosis has edits that each fit exactly one place.',
  };
}

function proposeCheck({ failure, facts }: ProposalGround): Proposal | null {
  if (facts.headSha === null) return null;
  const annotations = annotationsOf(failure);
  if (annotations.length === 0) return null;
  return {
    action: {
      kind: 'check_run',
      headSha: facts.headSha,
      name: titleLine(`devflowfix / ${facts.jobName}`, MAX_TITLE_CHARS),
      title: titleLine(causeOf(failure), MAX_TITLE_CHARS),
      summary: composeBody(failure),
      annotations,
    },
    why: 'The log names files and lines.',
  };
}

function annotationsOf({ report }: FailedIncident): Annotation[] {
  return (report?.findings ?? [])
    .flatMap(({ file, line, message, tool, code: toolCode }): Annotation[] => {
      if (file === undefined || line === undefined || line < 1 || !isRepositoryPath(file)) return [];
      const title = toolCode === undefined ? tool : `${tool} ${toolCode}`;
      return [{ path: file, startLine: line, endLine: line, level: 'failure', title, message }];
    })
    .slice(0, MAX_ANNOTATIONS);
}

/** The failure in full, for an issue, a check run or the pull request of a fix. */
export function composeBody(failure: FailedIncident): string {
  const { incident, diagnosis, quotes } = failure;
  const job = link(code(incident.jobName || (incident.workflowName ?? 'the run')), incident.url);
  const parts = [`${job} failed: ${plain(causeOf(failure), 1_000)}`];
  if (quotes.length > 0) parts.push('Evidence:', fenced(quotes.join('\n')));
  if (diagnosis) {
    parts.push(`Fix: ${plain(diagnosis.solution.summary, 1_000)}`);
    const steps = diagnosis.solution.steps.map((step) => `- ${plain(step)}`);
    if (steps.length > 0) parts.push(steps.join('\n'));
    parts.push(`_${sourceOf(diagnosis)} Read it before you rely on it._`);
  }
  return parts.join('\n\n');
}
