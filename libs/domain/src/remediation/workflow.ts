import type { Action, ActionKind } from './action.js';
import type { Decision } from './decide-action.js';
import type { WorkflowStatus } from './workflow-status.js';

/** `pending` until its action was begun. `skipped`: what it was for had come about already, or was called off. */
export const STEP_STATES = ['pending', 'done', 'failed', 'skipped'] as const;
export type StepState = (typeof STEP_STATES)[number];

/** An action of a workflow, with what policy says of it and what became of it. */
export interface WorkflowStep {
  readonly action: Action;
  readonly decision: Decision;
  /** Why it was proposed, for people. */
  readonly why: string;
  readonly state: StepState;
  /** Where its effect is to be seen. */
  readonly url: string | null;
  /** What went wrong, or why it was skipped. */
  readonly note: string | null;
}

/** Somebody or something that moved a workflow: an API key by its name, or the project's policy. */
export interface Actor {
  readonly kind: 'person' | 'policy';
  readonly name: string;
}

export const POLICY_ACTOR: Actor = { kind: 'policy', name: 'policy' };

/** The diagnosis that a plan was made from. One that is made again keeps its id and is another from then on. */
export interface DiagnosisBasis {
  readonly diagnosisId: string;
  readonly madeAt: Date;
}

/** Whether both are the same diagnosis; null is none. */
export function isSameBasis(one: DiagnosisBasis | null, other: DiagnosisBasis | null): boolean {
  if (one === null || other === null) return one === other;
  return one.diagnosisId === other.diagnosisId && one.madeAt.getTime() === other.madeAt.getTime();
}

/** Whether what was found out about the failure decides what is done: not where a run is only stopped. */
export function restsOnDiagnosis(steps: readonly WorkflowStep[]): boolean {
  return steps.some(({ action }) => action.kind !== 'cancel_run');
}

/** A planned remediation of one failed attempt of an incident. */
export interface RemediationWorkflow {
  readonly id: string;
  readonly projectId: string;
  readonly incidentId: string;
  /** The incident's latest failed attempt when it was planned. */
  readonly attempt: number;
  /** Null: no diagnosis was in force when it was planned. */
  readonly plannedFrom: DiagnosisBasis | null;
  readonly status: WorkflowStatus;
  /** Why it ended or waits, for people. */
  readonly reason: string | null;
  readonly steps: readonly WorkflowStep[];
  readonly plannedBy: Actor;
  readonly approvedBy: Actor | null;
  /** Until when its outcome must show; null while nothing is to be verified. */
  readonly verifyUntil: Date | null;
  /** Raised by each approval and repeated dispatch; part of the queue's job id. */
  readonly sequence: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** `unknown`: begun, and whether it took effect is to be found out. */
export const ACTION_STATES = ['started', 'done', 'failed', 'unknown'] as const;
export type ActionState = (typeof ACTION_STATES)[number];

/** An action that was begun: the row that makes it happen at most once. */
export interface ActionRecord {
  readonly id: string;
  readonly projectId: string;
  /** Names the effect: unique in the project. */
  readonly key: string;
  readonly kind: ActionKind;
  readonly incidentId: string | null;
  readonly workflowId: string | null;
  /** SHA-256 of what it was to say or change, hex. */
  readonly payloadHash: string;
  readonly state: ActionState;
  readonly remoteId: string | null;
  readonly url: string | null;
  readonly error: string | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}
