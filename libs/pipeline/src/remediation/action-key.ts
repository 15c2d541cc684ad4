import { createHash } from 'node:crypto';
import type { Action, Incident } from '@app/domain';

/**
 * Names an action's effect within its project: two plans that mean the same effect have the same key, so it happens once.
 * A fix is known by what it changes and where; an issue by the failure it tells of.
 */
export function actionKey(action: Action, incident: Incident): string {
  switch (action.kind) {
    case 'rerun_failed_jobs':
      return `rerun:${action.runId}:${action.attempt}`;
    case 'rerun_job':
      return `rerun:${action.runId}:${action.attempt}:${action.jobName}`;
    case 'cancel_run':
      return `cancel:${action.runId}:${action.attempt}`;
    case 'comment':
      return `comment:${action.pullRequest}`;
    case 'check_run':
      return `check:${action.headSha}:${incident.jobName}:${incident.fingerprint ?? incident.id}`;
    case 'issue':
      return `issue:${incident.fingerprint ?? incident.id}`;
    case 'fix_pull_request':
      return `fix:${action.base}:${sha256(JSON.stringify(action.edits))}`;
  }
}

/** What the effect is found again by: nobody can guess it who doesn't know the project's id. */
export function actionMarker(projectId: string, key: string): string {
  return sha256(`${projectId}\n${key}`).slice(0, 32);
}

export function payloadHash(action: Action): string {
  return sha256(JSON.stringify(action));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
