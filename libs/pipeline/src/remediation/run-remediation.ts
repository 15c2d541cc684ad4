import {
  ClaimLost,
  DEFAULT_ACTION_POLICY,
  ExternalFailure,
  IllegalTransition,
  IllegalWorkflowMove,
  POLICY_ACTOR,
  canMove,
  decideAction,
  isRemedy,
  isSameBasis,
  restsOnDiagnosis,
  type ActionFacts,
  type ActionPolicies,
  type ActionPolicy,
  type Clock,
  type DiagnosisBasis,
  type Incident,
  type IncidentRepository,
  type IncidentStatus,
  type Log,
  type RemediationWorkflow,
  type StickyComment,
  type Verdict,
  type WorkflowRepository,
  type WorkflowStatus,
  type WorkflowStep,
} from '@app/domain';
import type { AnnounceRemediation } from './announce-remediation.js';
import { CONTRADICTED, MADE_ANEW } from './call-off-outdated.js';
import { composeComment } from './compose-comment.js';
import { basisOf } from './failed-incident.js';
import type { GatherGround } from './gather-ground.js';
import type { PerformAction } from './perform-action.js';
import type { ProposalGround } from './propose-actions.js';

/** How long outcomes are waited for. */
export interface VerifyWindows {
  readonly rerunMs: number;
  /** A fix waits for people to merge it. */
  readonly fixMs: number;
}

export interface RunRemediationParts {
  readonly workflows: WorkflowRepository;
  readonly incidents: IncidentRepository;
  readonly policies: ActionPolicies;
  readonly gather: GatherGround;
  readonly perform: PerformAction;
  readonly announce: AnnounceRemediation;
  readonly clock: Clock;
  readonly log: Log;
  readonly windows: VerifyWindows;
}

export interface RemediationRun {
  readonly signal: AbortSignal;
  /** No retry follows: what fails now stays failed. */
  readonly isLastAttempt: boolean;
}

/** Why nothing more of a workflow is begun. */
interface Halt {
  readonly reason: string;
  /** Its diagnosis fell: an incident that nothing was done for yet is diagnosed anew. */
  readonly isOutdated: boolean;
}

const MOVED_ON = 'The failure has moved on since this was planned.';

/** Statuses that a workflow puts its incident into before it has done anything to the failure. */
const OWN_STATUSES: readonly IncidentStatus[] = ['awaiting_approval', 'remediating'];

/** Incident statuses from which a remedy may still be worth it. */
const OPEN: readonly IncidentStatus[] = [
  'diagnosed',
  'awaiting_approval',
  'remediating',
  'escalated',
  'diagnosis_failed',
];

/**
 * Takes the actions of an approved workflow, one after the other. Each step's outcome is stored before the next begins,
 * and each action happens at most once however often this runs. Policy is asked again with what is known now.
 */
export class RunRemediation {
  constructor(private readonly parts: RunRemediationParts) {}

  /**
   * Does nothing for a workflow that is neither approved nor running.
   * @throws ExternalFailure that a retry can help, unless this is the last attempt
   */
  async run(workflowId: string, run: RemediationRun): Promise<void> {
    const { workflows, gather, log } = this.parts;
    const found = await workflows.find(workflowId);
    if (!found || (found.status !== 'approved' && found.status !== 'running')) return;
    try {
      const ground = await gather.run(found.incidentId);
      const halt = haltOf(found, ground.failure.incident, basisOf(ground.failure));
      if (halt !== null) {
        await this.callOff(found, ground, run, halt);
        return;
      }
      const workflow = await this.begin(found, ground);
      const halted = await this.takeSteps(workflow, ground, run);
      const taken = await workflows.get(workflowId);
      if (halted === null) await this.settle(taken, found.incidentId);
      else await this.callOff(taken, ground, run, halted);
    } catch (error) {
      // Somebody cancelled it, a later attempt reopened the incident, or another worker is faster.
      if (error instanceof IllegalWorkflowMove || error instanceof ClaimLost) {
        log.info({ workflowId, error: error.message }, 'remediation_superseded');
        return;
      }
      if (!run.isLastAttempt || run.signal.aborted) throw error;
      await this.giveUp(workflowId, error);
    }
  }

  /** Tried as often as can be: the workflow says why it ended. */
  private async giveUp(workflowId: string, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    this.parts.log.error({ workflowId, error: message }, 'remediation_given_up');
    const workflow = await this.parts.workflows.get(workflowId);
    const incident = await this.parts.incidents.get(workflow.incidentId);
    await this.move(workflow, 'failed', message, moveOf(incident, 'diagnosed'));
  }

  /**
   * The failure has moved on since this was planned, perhaps by what was done here before a worker died, or its
   * diagnosis fell: what was done is found out, and nothing is begun any more.
   */
  private async callOff(
    { id, status, steps }: RemediationWorkflow,
    { failure, facts }: ProposalGround,
    { signal }: RemediationRun,
    { reason, isOutdated }: Halt,
  ): Promise<void> {
    const { workflows, perform } = this.parts;
    // Read anew: it has moved since it was begun with.
    const incident = await this.parts.incidents.get(failure.incident.id);
    let isRemedied = false;
    for (const [index, step] of status === 'running' ? steps.entries() : []) {
      if (step.state === 'pending') {
        const action =
          step.action.kind === 'comment' ? await this.renewed(step.action, incident.id, facts) : step.action;
        const concluded = await perform.conclude(action, incident, id, signal);
        await workflows.saveStep(
          id,
          index,
          concluded
            ? { ...step, action, state: 'done', url: concluded.url, note: null }
            : { ...step, state: 'skipped', note: reason },
        );
        isRemedied ||= concluded !== null && isRemedy(action.kind);
      } else isRemedied ||= step.state === 'done' && isRemedy(step.action.kind);
    }
    const workflow = await workflows.get(id);
    // Whether that is what mended it, or has failed again, is told by the incident.
    if (isRemedied) await this.toVerifying(workflow, incident, this.parts.clock.now());
    else {
      const isOwn = OWN_STATUSES.includes(incident.status);
      await this.move(workflow, 'cancelled', reason, isOutdated && isOwn ? 'received' : null);
    }
  }

  private async begin(workflow: RemediationWorkflow, ground: ProposalGround): Promise<RemediationWorkflow> {
    if (workflow.status === 'running') return workflow;
    const { incident } = ground.failure;
    const mends = workflow.steps.some(
      ({ action, decision }) => isRemedy(action.kind) && isWanted(decision.verdict, workflow),
    );
    return this.move(workflow, 'running', null, mends ? moveOf(incident, 'remediating') : null);
  }

  /** Null: it came through; otherwise why it must not go on. */
  private async takeSteps(
    { id }: RemediationWorkflow,
    ground: ProposalGround,
    run: RemediationRun,
  ): Promise<Halt | null> {
    const { incident } = ground.failure;
    const policy = (await this.parts.policies.find(incident.projectId)) ?? DEFAULT_ACTION_POLICY;
    const { length } = (await this.parts.workflows.get(id)).steps;
    for (let index = 0; index < length; index++) {
      // Read anew: somebody may have cancelled it meanwhile.
      const workflow = await this.parts.workflows.get(id);
      if (workflow.status !== 'running') throw new IllegalWorkflowMove(id, workflow.status, 'continued');
      const step = workflow.steps[index]!;
      if (step.state !== 'pending') continue;
      // People judge the diagnosis meanwhile.
      const halt = haltOf(workflow, null, await this.parts.gather.basisNow(incident.id));
      if (halt !== null) return halt;
      const outcome = await this.takeStep(workflow, step, ground, policy, run);
      if (outcome !== null) await this.parts.workflows.saveStep(id, index, outcome);
    }
    return null;
  }

  /** Null leaves the step pending: it waits for a person's word. */
  private async takeStep(
    workflow: RemediationWorkflow,
    planned: WorkflowStep,
    { failure, facts }: ProposalGround,
    policy: ActionPolicy,
    { signal, isLastAttempt }: RemediationRun,
  ): Promise<WorkflowStep | null> {
    const { action } = planned;
    const step: WorkflowStep = { ...planned, decision: decideAction(policy, action, facts) };
    if (step.decision.verdict === 'refused')
      return { ...step, state: 'skipped', note: step.decision.reasons.join(' ') };
    if (!isWanted(step.decision.verdict, workflow)) return null;
    try {
      const performed =
        action.kind === 'comment' ? await this.renewed(action, failure.incident.id, facts) : action;
      const { url, changed } = await this.parts.perform.run(
        performed,
        failure.incident,
        workflow.id,
        policy.dailyLimits,
        signal,
      );
      return {
        ...step,
        action: performed,
        state: 'done',
        url,
        note: changed ? null : 'It was there already.',
      };
    } catch (error) {
      if (!(error instanceof ExternalFailure) || (error.retryable && !isLastAttempt)) throw error;
      this.parts.log.warn({ workflowId: workflow.id, kind: action.kind, code: error.code }, 'action_failed');
      return { ...step, state: 'failed', note: error.message };
    }
  }

  /** A comment says how things are when it is written. */
  private async renewed(
    comment: StickyComment,
    incidentId: string,
    { headSha }: ActionFacts,
  ): Promise<StickyComment> {
    return { ...comment, body: composeComment(await this.parts.gather.failuresNow(incidentId), headSha) };
  }

  private async settle(workflow: RemediationWorkflow, incidentId: string): Promise<void> {
    const { workflows, clock, windows } = this.parts;
    const remedies = workflow.steps.filter(({ action }) => isRemedy(action.kind));
    const done = remedies.filter(({ state }) => state === 'done');
    const waiting = workflow.steps.filter(({ state }) => state === 'pending');
    const incident = await this.parts.incidents.get(incidentId);

    if (done.length === 0 && waiting.some(({ action }) => isRemedy(action.kind))) {
      const reason = waiting.flatMap(({ decision }) => decision.reasons).join(' ');
      await this.move(workflow, 'awaiting_approval', reason, moveOf(incident, 'awaiting_approval'));
      return;
    }
    for (const [index, step] of workflow.steps.entries()) {
      if (step.state !== 'pending') continue;
      const note = 'It wants approval; plan it by hand to have it.';
      await workflows.saveStep(workflow.id, index, { ...step, state: 'skipped', note });
    }
    if (done.length > 0) {
      const isFix = done.some(({ action }) => action.kind === 'fix_pull_request');
      const verifyUntil = new Date(clock.now().getTime() + (isFix ? windows.fixMs : windows.rerunMs));
      await this.toVerifying(workflow, incident, verifyUntil);
      return;
    }
    const problems = workflow.steps.filter(({ state }) => state === 'failed').map(({ note }) => note);
    const isFailed = remedies.length > 0 || problems.length > 0;
    const reason =
      problems.length > 0 ? problems.join(' ') : isFailed ? 'Policy allows no remedy any more.' : null;
    await this.move(workflow, isFailed ? 'failed' : 'succeeded', reason, moveOf(incident, 'diagnosed'));
  }

  /** What the remedy led to may be known before it is stored that it was taken. */
  private async toVerifying(
    workflow: RemediationWorkflow,
    incident: Incident,
    verifyUntil: Date,
  ): Promise<void> {
    try {
      await this.move(workflow, 'verifying', null, moveOf(incident, 'verifying'), verifyUntil);
    } catch (error) {
      if (!(error instanceof IllegalTransition)) throw error;
      await this.move(workflow, 'verifying', null, null, verifyUntil);
    }
  }

  private async move(
    workflow: RemediationWorkflow,
    to: WorkflowStatus,
    reason: string | null,
    incident: IncidentStatus | null,
    verifyUntil: Date | null = null,
  ): Promise<RemediationWorkflow> {
    const by = POLICY_ACTOR;
    const moved = await this.parts.workflows.move(workflow.id, { to, by, reason, incident, verifyUntil });
    await this.parts.announce.run(moved);
    return moved;
  }
}

/**
 * Why nothing may be begun of a workflow any more; null while it may.
 * @param incident null: only its diagnosis is looked at
 */
function haltOf(
  { attempt, steps, plannedFrom }: RemediationWorkflow,
  incident: Incident | null,
  inForce: DiagnosisBasis | null,
): Halt | null {
  const movedOn = { reason: MOVED_ON, isOutdated: false };
  if (incident !== null && incident.latestAttempt !== attempt) return movedOn;
  if (restsOnDiagnosis(steps) && !isSameBasis(plannedFrom, inForce))
    return { reason: inForce === null ? CONTRADICTED : MADE_ANEW, isOutdated: true };
  return incident === null || OPEN.includes(incident.status) ? null : movedOn;
}

/** Whether a step is taken now: what policy lets happen by itself, and what a person approved. */
function isWanted(verdict: Verdict, { approvedBy }: RemediationWorkflow): boolean {
  return verdict === 'automatic' || (verdict === 'approval' && approvedBy?.kind === 'person');
}

/** The move, where the incident can make it; an escalated one keeps its status while something is tried. */
function moveOf({ status }: Incident, to: IncidentStatus): IncidentStatus | null {
  return canMove(status, to) ? to : null;
}
