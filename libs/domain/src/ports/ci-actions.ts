import type { ActionOrder } from '../remediation/action.js';

/** One call of a preview. */
export interface PlannedCall {
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** From the API's root: `/repos/octo/app/issues`. Ids that only an earlier call gives stand in braces. */
  readonly path: string;
  /** What would be sent. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Exactly what performing an order would do now; nothing is written to find it out. */
export interface ActionPreview {
  /** False: the effect is there already, or can't be had; `note` says which. */
  readonly wouldAct: boolean;
  readonly calls: readonly PlannedCall[];
  /** Unified diff of a fix. */
  readonly diff: string | null;
  readonly note: string | null;
}

export interface ActionEffect {
  /** What the provider knows the made thing by: a comment's id, a pull request's number, `run:attempt`. */
  readonly remoteId: string;
  readonly url: string | null;
  /** False: the effect was found, nothing was written. */
  readonly changed: boolean;
}

export interface PerformOptions {
  readonly signal?: AbortSignal;
  /** Awaited right before each call that writes leaves this process; when it throws, the call is not made. */
  readonly beforeWrite?: () => Promise<void>;
}

/**
 * The CI system's writing side. `perform` looks for the effect first, by the order's remote id and marker, and makes
 * it when it isn't there: run again after a crash, it makes nothing twice, as long as no two run at once.
 *
 * Errors are `ExternalFailure` with the codes of `CiProvider`, and: `action_uncertain` (the call was sent and no answer
 * came: retryable, the next try looks first), `action_conflict` (something stands in the way for good: a newer attempt,
 * a foreign commit on the branch, a comment that a person deleted), `edits_do_not_fit` (an edit doesn't match exactly
 * one place at the base). `github_forbidden` names the missing permission.
 */
export abstract class CiActions {
  abstract preview(order: ActionOrder): Promise<ActionPreview>;
  abstract perform(order: ActionOrder, options?: PerformOptions): Promise<ActionEffect>;
}
