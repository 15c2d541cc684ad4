import { DomainError } from '../errors.js';

export class WorkflowNotFound extends DomainError {
  readonly code = 'workflow_not_found';
  constructor(id: string) {
    super(`No workflow ${id}.`, { id });
  }
}

export class IllegalWorkflowMove extends DomainError {
  readonly code = 'illegal_workflow_move';
  constructor(id: string, from: string, to: string) {
    super(`Workflow ${id} is ${from} and can't become ${to}.`, { id, from, to });
  }
}

/** The incident has a workflow that was approved or waits to be. */
export class WorkflowActive extends DomainError {
  readonly code = 'workflow_active';
  constructor(incidentId: string, workflowId: string) {
    super(
      `Incident ${incidentId} has workflow ${workflowId} already: approve, reject or cancel that one first.`,
      { incidentId, workflowId },
    );
  }
}

/** Nothing can be planned for the incident as it stands. */
export class NotRemediable extends DomainError {
  readonly code = 'not_remediable';
}

/** Policy refuses what was to be done. */
export class RefusedByPolicy extends DomainError {
  readonly code = 'refused_by_policy';
}
