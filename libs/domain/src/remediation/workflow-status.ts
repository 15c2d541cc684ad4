export const WORKFLOW_STATUSES = [
  'planned',
  'awaiting_approval',
  'approved',
  'running',
  'verifying',
  'succeeded',
  'failed',
  'escalated',
  'rejected',
  'cancelled',
  'declined',
] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

/** Every legal move. `declined` is a plan of which policy left nothing. */
const MOVES: Readonly<Record<WorkflowStatus, readonly WorkflowStatus[]>> = {
  planned: ['awaiting_approval', 'approved', 'cancelled'],
  awaiting_approval: ['approved', 'rejected', 'cancelled'],
  approved: ['running', 'failed', 'cancelled'],
  running: ['awaiting_approval', 'verifying', 'succeeded', 'failed', 'escalated', 'cancelled'],
  verifying: ['succeeded', 'failed', 'escalated', 'cancelled'],
  succeeded: [],
  failed: [],
  escalated: [],
  rejected: [],
  cancelled: [],
  declined: [],
};

export function canMoveWorkflow(from: WorkflowStatus, to: WorkflowStatus): boolean {
  return MOVES[from].includes(to);
}

/** The statuses from which `to` is reached; what a repository puts into its `WHERE`. */
export function workflowSourcesOf(to: WorkflowStatus): readonly WorkflowStatus[] {
  return WORKFLOW_STATUSES.filter((from) => canMoveWorkflow(from, to));
}

/** Statuses in which a worker has something to do. */
export const WORKING_STATUSES: readonly WorkflowStatus[] = ['approved', 'running'];

/** Whether something may still happen: an incident has at most one such workflow. */
export function isActiveWorkflow(status: WorkflowStatus): boolean {
  return MOVES[status].length > 0;
}

export const ACTIVE_WORKFLOW_STATUSES = WORKFLOW_STATUSES.filter(isActiveWorkflow);
