import type { IncidentStatus } from '../incident-status.js';
import type { ActionKind } from '../remediation/action.js';
import type { ActionPolicy } from '../remediation/action-policy.js';
import type { WorkflowStatus } from '../remediation/workflow-status.js';
import type {
  ActionRecord,
  Actor,
  DiagnosisBasis,
  RemediationWorkflow,
  WorkflowStep,
} from '../remediation/workflow.js';
import type { Page } from './page.js';

export interface ActionStart {
  readonly projectId: string;
  /** Names the effect: unique in the project. */
  readonly key: string;
  readonly kind: ActionKind;
  readonly incidentId: string;
  readonly workflowId: string;
  readonly payloadHash: string;
  /** The effect may be brought up to date when the payload changed; otherwise it happens once and for all. */
  readonly updatable: boolean;
  /** Of the UTC day, in which a new action counts once. */
  readonly dailyLimits: ActionPolicy['dailyLimits'];
}

/** A worker's exclusive hold on an action. */
export interface ActionClaim {
  readonly record: ActionRecord;
  readonly token: string;
}

export type ActionBegin =
  | { readonly outcome: 'begun'; readonly claim: ActionClaim }
  | { readonly outcome: 'done'; readonly record: ActionRecord }
  | { readonly outcome: 'busy'; readonly until: Date }
  | { readonly outcome: 'limited'; readonly scope: 'each' | 'all'; readonly limit: number };

/** What makes actions happen at most once: their rows are written before and after the effect. */
export abstract class ActionLedger {
  /**
   * Takes the action, unless it is done or held by another worker. A new one counts in the day's limits, atomically
   * among all callers; one whose holder failed or vanished doesn't count again.
   */
  abstract begin(start: ActionStart, leaseMs: number): Promise<ActionBegin>;
  /** @throws ClaimLost */
  abstract renew(claim: ActionClaim, leaseMs: number): Promise<void>;
  /** @throws ClaimLost */
  abstract done(claim: ActionClaim, effect: { remoteId: string; url: string | null }): Promise<void>;
  /** @throws ClaimLost */
  abstract failed(claim: ActionClaim, state: 'failed' | 'unknown', error: string): Promise<void>;
  abstract find(projectId: string, key: string): Promise<ActionRecord | null>;
  /**
   * Those that nobody is at since `before` and of which nobody knows whether they were taken, unless a workflow at work
   * is to find that out. What was looked at last comes last.
   */
  abstract unsettled(before: Date, limit: number): Promise<readonly ActionRecord[]>;
  /**
   * Comments that were brought up to date since `since`, and before a failure of their commit was resolved or ignored.
   * What was looked at last comes last.
   */
  abstract outdatedComments(since: Date, limit: number): Promise<readonly ActionRecord[]>;
  /** Notes that one was looked at, and nothing came of it; does nothing to one that somebody is at. */
  abstract lookedAt(id: string): Promise<void>;
  /** The oldest first. */
  abstract ofIncident(incidentId: string): Promise<readonly ActionRecord[]>;
}

export interface NewWorkflow {
  readonly projectId: string;
  readonly incidentId: string;
  readonly attempt: number;
  readonly plannedFrom: DiagnosisBasis | null;
  readonly status: 'planned' | 'declined';
  readonly reason: string | null;
  readonly steps: readonly WorkflowStep[];
  readonly plannedBy: Actor;
}

/** A move of a workflow, with what moves along. */
export interface WorkflowMove {
  readonly to: WorkflowStatus;
  readonly by: Actor;
  readonly reason: string | null;
  /** The incident's move in the same transaction; null leaves it. */
  readonly incident: IncidentStatus | null;
  readonly verifyUntil?: Date | null;
}

export interface WorkflowFilter {
  /** Only these projects; undefined = all. */
  readonly projectIds?: readonly string[];
  readonly incidentId?: string;
  readonly status?: readonly WorkflowStatus[];
}

/** A workflow whose incident no longer shows the diagnosis that it was planned from. */
export interface OutdatedWorkflow {
  readonly workflowId: string;
  /** A person called that diagnosis wrong; otherwise another one took its place. */
  readonly isContradicted: boolean;
}

export interface WorkflowDispatch {
  readonly workflowId: string;
  readonly sequence: number;
}

export abstract class WorkflowRepository {
  /**
   * Stores a plan and notes it on the incident's timeline. A plan of the incident that nobody started is cancelled, and
   * one of an earlier attempt that still waits for a person.
   * @throws WorkflowActive when another one was started
   */
  abstract create(workflow: NewWorkflow): Promise<RemediationWorkflow>;
  abstract find(id: string): Promise<RemediationWorkflow | null>;
  /** @throws WorkflowNotFound */
  abstract get(id: string): Promise<RemediationWorkflow>;
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract list(
    filter: WorkflowFilter,
    limit: number,
    cursor: string | null,
  ): Promise<Page<RemediationWorkflow>>;
  /**
   * Moves a workflow and its incident, both or none, and notes it on the timeline.
   * @throws WorkflowNotFound, IllegalWorkflowMove, IllegalTransition
   */
  abstract move(id: string, move: WorkflowMove): Promise<RemediationWorkflow>;
  /** Replaces the step at `index` of a running workflow and notes it on the timeline. @throws WorkflowNotFound */
  abstract saveStep(id: string, index: number, step: WorkflowStep): Promise<void>;
  /** @throws WorkflowNotFound, IllegalWorkflowMove while it is approved, runs or is verified */
  abstract delete(id: string): Promise<void>;
  /**
   * Approved and running workflows not dispatched since `before`, the oldest first, as they were dispatched last. Marks
   * them looked at.
   */
  abstract takeDue(before: Date, now: Date, limit: number): Promise<readonly WorkflowDispatch[]>;
  /** Raises the sequence of a workflow that is dispatched again; null when it has no work any more. */
  abstract redispatch(id: string): Promise<WorkflowDispatch | null>;
  /** Ids of workflows in `verifying`, those not looked at for the longest first; marks them looked at. */
  abstract takeVerifying(before: Date, now: Date, limit: number): Promise<readonly string[]>;
  /** Ids of workflows that wait for a person although their incident is resolved or ignored, the oldest first. */
  abstract overtaken(limit: number): Promise<readonly string[]>;
  /**
   * Those that rest on a diagnosis which is not in force any more and that no worker has begun with (`planned`,
   * `awaiting_approval`, `approved`), the oldest first.
   * @param projectId null: of all projects
   */
  abstract outdated(projectId: string | null, limit: number): Promise<readonly OutdatedWorkflow[]>;
  /**
   * Diagnosed incidents of these projects, failed since `since`, for whose attempt nothing was planned yet but what was
   * called off and had been planned from another diagnosis.
   */
  abstract unplanned(projectIds: readonly string[], since: Date, limit: number): Promise<readonly string[]>;
}

export abstract class ActionPolicies {
  /** The project's policy, with the defaults for what it doesn't say; null when it says nothing. */
  abstract find(projectId: string): Promise<ActionPolicy | null>;
  /** Replaces the policy; null takes it away. @throws ProjectNotFound */
  abstract save(projectId: string, policy: ActionPolicy | null): Promise<void>;
  /** Projects whose policy lets something happen automatically. */
  abstract automatic(): Promise<readonly string[]>;
}
