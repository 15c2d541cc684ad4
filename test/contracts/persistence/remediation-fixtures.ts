import type { Actor, NewWorkflow, RemediationWorkflow, WorkflowStep } from '@app/domain';
import type { PersistenceUnderTest } from './fixtures.js';

export const LEASE_MS = 60_000;
export const mona: Actor = { kind: 'person', name: 'mona' };

export const step: WorkflowStep = {
  action: { kind: 'comment', pullRequest: 7, body: 'four failed' },
  decision: { verdict: 'approval', reasons: ['ask first'] },
  why: 'People look there.',
  state: 'pending',
  url: null,
  note: null,
};

/** A workflow for an incident; what is not said of it is plain. */
export function planned(
  { workflows }: PersistenceUnderTest,
  of: { readonly incidentId: string; readonly projectId: string },
  changes: Partial<NewWorkflow> = {},
): Promise<RemediationWorkflow> {
  return workflows.create({
    ...of,
    attempt: 1,
    plannedFrom: null,
    status: 'planned',
    reason: null,
    steps: [step],
    plannedBy: mona,
    ...changes,
  });
}
