import {
  RefusedByPolicy,
  isRemedy,
  type Actor,
  type IncidentRepository,
  type IncidentStatus,
  type RemediationWorkflow,
  type WorkflowRepository,
} from '@app/domain';
import type { AnnounceRemediation } from './announce-remediation.js';

/** What somebody, or policy, wants of a workflow. */
export const STEERINGS = ['start', 'approve', 'reject', 'cancel'] as const;
export type Steering = (typeof STEERINGS)[number];

/** Statuses of an incident that a workflow has put it into, and takes it out of when it is called off. */
const OWN_STATUSES: readonly IncidentStatus[] = ['awaiting_approval', 'remediating', 'verifying'];

/** Starts, approves, rejects and cancels workflows. */
export class SteerRemediation {
  constructor(
    private readonly workflows: WorkflowRepository,
    private readonly incidents: IncidentRepository,
    private readonly announce: AnnounceRemediation,
  ) {}

  /**
   * @param reason in the words of who wants it
   * @throws WorkflowNotFound, IllegalWorkflowMove, IllegalTransition
   * @throws RefusedByPolicy when policy leaves nothing to be done
   */
  async run(
    id: string,
    wanted: Steering,
    by: Actor,
    reason: string | null = null,
  ): Promise<RemediationWorkflow> {
    const workflow = await this.workflows.get(id);
    const moved = await this.move(workflow, wanted, by, reason);
    await this.announce.run(moved);
    return moved;
  }

  private async move(
    workflow: RemediationWorkflow,
    wanted: Steering,
    by: Actor,
    reason: string | null,
  ): Promise<RemediationWorkflow> {
    const { id } = workflow;
    switch (wanted) {
      case 'start':
        return this.start(workflow, by, reason);
      case 'approve':
        return this.workflows.move(id, { to: 'approved', by, reason, incident: null });
      case 'reject':
        return this.workflows.move(id, { to: 'rejected', by, reason, incident: await this.back(workflow) });
      case 'cancel':
        return this.workflows.move(id, { to: 'cancelled', by, reason, incident: await this.back(workflow) });
    }
  }

  /** Straight to work as far as policy lets it by itself; otherwise it waits for approval. */
  private async start(
    workflow: RemediationWorkflow,
    by: Actor,
    reason: string | null,
  ): Promise<RemediationWorkflow> {
    const open = workflow.steps.filter(({ decision }) => decision.verdict !== 'refused');
    if (open.length === 0) throw new RefusedByPolicy('Policy refuses every action of this workflow.');
    const isFree =
      by.kind === 'policy'
        ? open.some(({ decision }) => decision.verdict === 'automatic')
        : open.every(({ decision }) => decision.verdict === 'automatic');
    if (isFree) return this.workflows.move(workflow.id, { to: 'approved', by, reason, incident: null });
    const { status } = await this.incidents.get(workflow.incidentId);
    const mends = open.some(({ action }) => isRemedy(action.kind));
    return this.workflows.move(workflow.id, {
      to: 'awaiting_approval',
      by,
      reason,
      incident: mends && status === 'diagnosed' ? 'awaiting_approval' : null,
    });
  }

  private async back({ incidentId }: RemediationWorkflow): Promise<IncidentStatus | null> {
    const { status } = await this.incidents.get(incidentId);
    return OWN_STATUSES.includes(status) ? 'diagnosed' : null;
  }
}
