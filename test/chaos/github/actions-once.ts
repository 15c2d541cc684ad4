import { createHash } from 'node:crypto';
import type { GithubStandIn, StandInEffect } from '@app/github';
import type { ActionKind, ActionState, RemediationWorkflow } from '@app/domain';
import type { Persistence } from '../chaos-product.js';
import type { Expected, IncidentRow } from './expected.js';

/** An action that was begun, as it is stored. */
export interface ActionRow {
  readonly key: string;
  readonly kind: ActionKind;
  readonly state: ActionState;
  readonly error: string | null;
  readonly repository: string;
  readonly projectId: string;
  readonly incidentId: string;
}

export interface WorkflowRow extends Pick<RemediationWorkflow, 'id' | 'status' | 'steps' | 'attempt'> {
  readonly incidentId: string;
}

export function readActions({ dataSource }: Persistence): Promise<ActionRow[]> {
  return dataSource.query(
    `SELECT a.key, a.kind, a.state, a.error, p.owner || '/' || p.name AS repository, p.id AS "projectId",
       a.incident_id AS "incidentId"
     FROM actions a JOIN projects p ON p.id = a.project_id ORDER BY a.started_at`,
  );
}

export function readWorkflows({ dataSource }: Persistence): Promise<WorkflowRow[]> {
  return dataSource.query(
    `SELECT id, status, steps, attempt, incident_id AS "incidentId" FROM workflows ORDER BY created_at`,
  );
}

/** Where something was not done once, by whom it was not to be done, or without a record. */
export function actionProblems(actions: readonly ActionRow[], github: GithubStandIn): string[] {
  const problems: string[] = [];
  const recorded = new Map<string, ActionRow>();
  for (const action of actions) {
    const name = `${action.key} of ${action.repository}`;
    if (action.state === 'started' || action.state === 'unknown')
      problems.push(`whether ${name} was done is not known: ${action.state}, ${action.error}`);
    for (const { effect, times } of effectsOf(action, github)) {
      if (times > 1) problems.push(`${name} happened ${times} times`);
      if (action.state === 'done' && times === 0) problems.push(`${name} is said to be done, and is not`);
      recorded.set(effect, action);
    }
  }
  for (const effect of distinctEffects(github))
    if (!recorded.has(effect)) problems.push(`${effect} was done without a record`);
  return problems;
}

/** What an action must have left behind at GitHub, and how often it is there. */
function effectsOf(action: ActionRow, github: GithubStandIn): { effect: string; times: number }[] {
  const { repository, kind, key } = action;
  const writes = github.state.writes.of(repository);
  const state = github.repository(repository);
  const [, subject, attempt] = key.split(':');
  const marker = markerOf(action);
  switch (kind) {
    case 'rerun_failed_jobs':
    case 'rerun_job': {
      const next = Number(attempt) + 1;
      const made = state.runs.some((run) => run.id === Number(subject) && run.attempt === next);
      return [{ effect: `${repository} run ${subject} attempt ${next}`, times: made ? 1 : 0 }];
    }
    case 'cancel_run': {
      const cancelled = countEffects(github, 'run_cancelled', repository, subject!);
      return [{ effect: `${repository} cancelled ${subject}`, times: cancelled }];
    }
    case 'comment': {
      const times = writes.comments.filter(({ body }) => body.includes(marker)).length;
      return [{ effect: `${repository} comment ${subject}`, times }];
    }
    case 'check_run': {
      const times = writes.checks.filter(({ externalId }) => externalId === marker).length;
      return [{ effect: `${repository} check ${marker}`, times }];
    }
    case 'issue': {
      const found = writes.issues.filter(({ body }) => body.includes(marker));
      return [{ effect: `${repository} issue ${found[0]?.number}`, times: found.length }];
    }
    case 'fix_pull_request': {
      const found = [...state.pulls.values()].filter(({ headRef }) => headRef?.endsWith(marker.slice(0, 16)));
      return [{ effect: `${repository} pull ${found[0]?.number}`, times: found.length }];
    }
  }
}

/** Everything that was done, each thing once. */
function distinctEffects(github: GithubStandIn): Set<string> {
  const done = new Set<string>();
  for (const { kind, repository, subject } of github.state.writes.effects) {
    if (kind === 'run_cancelled') done.add(`${repository} cancelled ${subject}`);
    if (kind === 'comment_created') done.add(`${repository} comment ${subject}`);
    if (kind === 'issue_created') done.add(`${repository} issue ${subject}`);
    if (kind === 'pull_created') done.add(`${repository} pull ${subject}`);
  }
  for (const state of github.state.all()) {
    const { fullName } = state;
    for (const { externalId } of github.state.writes.of(fullName).checks)
      done.add(`${fullName} check ${externalId}`);
    // Nobody else runs anything again in a project that something may be done to.
    for (const { id, attempt = 1 } of reruns(github, fullName) > 0 ? state.runs : [])
      if (attempt > 1) done.add(`${fullName} run ${id} attempt ${attempt}`);
  }
  return done;
}

function reruns(github: GithubStandIn, fullName: string): number {
  return github.state.writes.effects.filter(
    ({ kind, repository }) => repository === fullName && (kind === 'run_rerun' || kind === 'job_rerun'),
  ).length;
}

function countEffects(
  github: GithubStandIn,
  kind: StandInEffect['kind'],
  repository: string,
  subject: string,
): number {
  return github.state.writes.effects.filter(
    (effect) => effect.kind === kind && effect.repository === repository && effect.subject === subject,
  ).length;
}

/** As `actionMarker` makes it: told apart here from its own words, so that a changed rule shows. */
function markerOf({ projectId, key }: ActionRow): string {
  return createHash('sha256').update(`${projectId}\n${key}`).digest('hex').slice(0, 32);
}

const UNDER_WAY = ['planned', 'awaiting_approval', 'approved', 'running'];

/** Where a workflow says something that is not so, or is still at work. */
export function workflowProblems(
  workflows: readonly WorkflowRow[],
  incidents: readonly IncidentRow[],
  expected: Expected,
): string[] {
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  return workflows.flatMap(({ id, status, steps, attempt, incidentId }) => {
    const incident = byId.get(incidentId)!;
    const about = expected.incidents.get(incident.key);
    const problems: string[] = [];
    const done = steps.filter(({ state }) => state === 'done').map(({ action }) => action.kind);
    const isRerun = done.some((kind) => kind.startsWith('rerun_'));
    if (UNDER_WAY.includes(status)) problems.push(`is still ${status}`);
    if (about?.ownWork && status !== 'declined') problems.push(`is ${status} for the product's own work`);
    if (about?.fromFork && status !== 'declined') problems.push(`is ${status} for a fork`);
    if (status === 'succeeded' && isRerun && incident.status !== 'resolved')
      problems.push(`succeeded, and the incident is ${incident.status}`);
    if (status === 'failed' && isRerun && Math.max(...incident.attempts) <= attempt)
      problems.push('failed, and nothing has failed again');
    if (status === 'verifying' && !done.includes('fix_pull_request'))
      problems.push('waits for an outcome that is known');
    if (status === 'verifying' && incident.status === 'resolved')
      problems.push('waits for an outcome, and the incident is resolved');
    if (status === 'succeeded' || status === 'verifying')
      for (const step of steps)
        if (step.state === 'pending') problems.push(`has left ${step.action.kind} undone`);
    return problems.map((what) => `workflow ${id} of ${incident.key} ${what}`);
  });
}
