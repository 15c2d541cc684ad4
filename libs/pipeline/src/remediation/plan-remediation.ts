import {
  DEFAULT_ACTION_POLICY,
  ExternalFailure,
  NotRemediable,
  POLICY_ACTOR,
  decideAction,
  isAutomatic,
  isSameBasis,
  type ActionKind,
  type ActionPolicies,
  type ActionPolicy,
  type ActionPreview,
  type Actor,
  type CiActions,
  type IncidentRepository,
  type RemediationWorkflow,
  type WorkflowRepository,
  type WorkflowStep,
} from '@app/domain';
import { actionKey, actionMarker } from './action-key.js';
import type { AnnounceRemediation } from './announce-remediation.js';
import { basisOf } from './failed-incident.js';
import type { GatherGround } from './gather-ground.js';
import { proposeActions, type ProposalGround } from './propose-actions.js';
import type { SteerRemediation } from './steer-remediation.js';

/** Statuses in which something may be planned. */
const PLANNABLE = ['diagnosed', 'escalated', 'diagnosis_failed', 'awaiting_approval'];

/** A step with what it would do. */
export interface PreviewedStep {
  readonly step: WorkflowStep;
  /** Null where it can't be said; `problem` says why. */
  readonly preview: ActionPreview | null;
  readonly problem: string | null;
}

export interface PlanParts {
  readonly workflows: WorkflowRepository;
  readonly incidents: IncidentRepository;
  readonly policies: ActionPolicies;
  readonly actions: CiActions;
  readonly gather: GatherGround;
  readonly steer: SteerRemediation;
  readonly announce: AnnounceRemediation;
}

/** Plans what to do about an incident: proposals of its diagnosis, each with what policy says of it. */
export class PlanRemediation {
  constructor(private readonly parts: PlanParts) {}

  /**
   * Stores a plan that somebody wants; nothing is done before it is started.
   * @param asked kinds that somebody chose; null: what the diagnosis speaks for
   * @throws IncidentNotFound, NotRemediable, WorkflowActive, ExternalFailure
   */
  async run(
    incidentId: string,
    asked: readonly ActionKind[] | null,
    by: Actor,
  ): Promise<RemediationWorkflow> {
    const { ground, steps } = await this.plan(incidentId, asked);
    return this.store(ground, steps, by);
  }

  /**
   * What a plan would be and exactly what each of its actions would do; nothing is stored or written.
   * @throws IncidentNotFound, NotRemediable, ExternalFailure
   */
  async preview(incidentId: string, asked: readonly ActionKind[] | null): Promise<readonly PreviewedStep[]> {
    const { ground, steps } = await this.plan(incidentId, asked);
    const previewed: PreviewedStep[] = [];
    for (const step of steps) previewed.push(await this.previewStep(ground, step));
    return previewed;
  }

  /**
   * Plans and starts what the project's policy lets happen by itself. Does nothing for a project without such a policy,
   * for an incident that is not `diagnosed`, and where its attempt has a plan already, unless that was called off and
   * another diagnosis is in force since.
   */
  async automatically(incidentId: string): Promise<RemediationWorkflow | null> {
    const { incidents, policies, workflows, gather } = this.parts;
    const incident = await incidents.get(incidentId);
    if (incident.status !== 'diagnosed' || incident.source !== 'github') return null;
    const policy = await policies.find(incident.projectId);
    if (policy === null || !isAutomatic(policy)) return null;
    const { items } = await workflows.list({ incidentId }, 1, null);
    const [last] = items;
    if (last?.attempt === incident.latestAttempt && !(await this.isOver(last))) return null;
    // Asks the provider: only where something may come of it.
    const ground = await gather.run(incidentId);
    const steps = decided(ground, policy, null);
    const workflow = await this.store(ground, steps, POLICY_ACTOR);
    return workflow.status === 'planned'
      ? this.parts.steer.run(workflow.id, 'start', POLICY_ACTOR)
      : workflow;
  }

  private async isOver({ incidentId, status, plannedFrom }: RemediationWorkflow): Promise<boolean> {
    return status === 'cancelled' && !isSameBasis(plannedFrom, await this.parts.gather.basisNow(incidentId));
  }

  private async plan(incidentId: string, asked: readonly ActionKind[] | null) {
    const ground = await this.parts.gather.run(incidentId);
    const { status } = ground.failure.incident;
    if (!PLANNABLE.includes(status))
      throw new NotRemediable(`The incident is ${status}: there is nothing to plan for it now.`, {
        incidentId,
        status,
      });
    const policy =
      (await this.parts.policies.find(ground.failure.incident.projectId)) ?? DEFAULT_ACTION_POLICY;
    const steps = decided(ground, policy, asked);
    if (steps.length === 0)
      throw new NotRemediable('Nothing of that kind can be done about this failure.', { incidentId });
    return { ground, steps };
  }

  private async store(
    { failure }: ProposalGround,
    steps: readonly WorkflowStep[],
    plannedBy: Actor,
  ): Promise<RemediationWorkflow> {
    const { id: incidentId, projectId, latestAttempt: attempt } = failure.incident;
    const isDeclined = steps.every(({ decision }) => decision.verdict === 'refused');
    const workflow = await this.parts.workflows.create({
      projectId,
      incidentId,
      attempt,
      plannedFrom: basisOf(failure),
      status: isDeclined ? 'declined' : 'planned',
      reason: isDeclined ? 'Policy allows nothing of it.' : null,
      steps,
      plannedBy,
    });
    await this.parts.announce.run(workflow);
    return workflow;
  }

  private async previewStep({ failure }: ProposalGround, step: WorkflowStep): Promise<PreviewedStep> {
    if (step.decision.verdict === 'refused') return { step, preview: null, problem: 'Policy refuses it.' };
    const { incident } = failure;
    const key = actionKey(step.action, incident);
    const marker = actionMarker(incident.projectId, key);
    try {
      const { repository } = incident;
      const order = { repository, action: step.action, marker, remoteId: null };
      return { step, preview: await this.parts.actions.preview(order), problem: null };
    } catch (error) {
      if (!(error instanceof ExternalFailure)) throw error;
      return { step, preview: null, problem: error.message };
    }
  }
}

/** Proposals as steps, with what policy says. By itself a check run is made only where policy wants no approval of it. */
function decided(
  ground: ProposalGround,
  policy: ActionPolicy,
  asked: readonly ActionKind[] | null,
): WorkflowStep[] {
  return proposeActions(ground, asked)
    .filter(
      ({ action }) => asked !== null || action.kind !== 'check_run' || policy.kinds.check_run === 'automatic',
    )
    .map(({ action, why }) => ({
      action,
      decision: decideAction(policy, action, ground.facts),
      why,
      state: 'pending',
      url: null,
      note: null,
    }));
}
