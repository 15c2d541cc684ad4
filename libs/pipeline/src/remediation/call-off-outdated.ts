import {
  IllegalTransition,
  IllegalWorkflowMove,
  WorkflowNotFound,
  type Actor,
  type IncidentRepository,
  type RemediationWorkflow,
  type WorkflowRepository,
} from '@app/domain';
import type { AnnounceRemediation } from './announce-remediation.js';

/** At once; the next round takes the rest. */
const BATCH = 100;

/** Said of a workflow whose diagnosis was made again. */
export const MADE_ANEW = 'Another diagnosis took the place of the one that this was planned from.';
/** Said where it is not known who called the diagnosis wrong. */
export const CONTRADICTED = 'The diagnosis that this was planned from was called wrong.';

/**
 * Calls off workflows that rest on a diagnosis which is not in force any more and that no worker has begun with. An
 * incident that waited for their approval is diagnosed anew.
 */
export class CallOffOutdated {
  constructor(
    private readonly workflows: WorkflowRepository,
    private readonly incidents: IncidentRepository,
    private readonly announce: AnnounceRemediation,
  ) {}

  /** Those of a project whose diagnosis a person has just contradicted. */
  async contradicted(projectId: string, by: Actor, reason: string): Promise<readonly RemediationWorkflow[]> {
    const outdated = await this.workflows.outdated(projectId, BATCH);
    const ids = outdated.filter(({ isContradicted }) => isContradicted).map(({ workflowId }) => workflowId);
    return this.cancel(ids, by, () => reason);
  }

  /** All of them: what a process left that ended in between, and those whose incident was diagnosed again. */
  async run(by: Actor): Promise<readonly RemediationWorkflow[]> {
    const outdated = await this.workflows.outdated(null, BATCH);
    const wrong = new Set(
      outdated.filter(({ isContradicted }) => isContradicted).map(({ workflowId }) => workflowId),
    );
    const ids = outdated.map(({ workflowId }) => workflowId);
    return this.cancel(ids, by, (id) => (wrong.has(id) ? CONTRADICTED : MADE_ANEW));
  }

  private async cancel(
    ids: readonly string[],
    by: Actor,
    reasonOf: (id: string) => string,
  ): Promise<readonly RemediationWorkflow[]> {
    const cancelled: RemediationWorkflow[] = [];
    for (const id of ids) {
      try {
        cancelled.push(await this.cancelOne(id, by, reasonOf(id)));
      } catch (error) {
        // Somebody moved or deleted it meanwhile; whoever runs it looks at its diagnosis too.
        const isOvertaken =
          error instanceof IllegalWorkflowMove ||
          error instanceof IllegalTransition ||
          error instanceof WorkflowNotFound;
        if (!isOvertaken) throw error;
      }
    }
    return cancelled;
  }

  private async cancelOne(id: string, by: Actor, reason: string): Promise<RemediationWorkflow> {
    const { incidentId } = await this.workflows.get(id);
    const { status } = await this.incidents.get(incidentId);
    const incident = status === 'awaiting_approval' ? 'received' : null;
    const cancelled = await this.workflows.move(id, { to: 'cancelled', by, reason, incident });
    await this.announce.run(cancelled);
    return cancelled;
  }
}
