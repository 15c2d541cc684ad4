import type { CiStep } from '@app/domain';
import { alignSteps } from './align-steps.js';
import { endedInError, type LogStep } from './step-tracker.js';

/** Where a job failed, as the provider's own conclusions say. */
export interface KnownFailure {
  /** The provider's name of the step. */
  readonly name: string;
  /** The part of the step that ended it. */
  readonly decisive: LogStep;
  /** Indexes of every stretch of the log that belongs to the step. */
  readonly within: ReadonlySet<number>;
}

/**
 * The step that failed the job, by the provider's conclusions and both sides' times. Stretches of steps that the
 * provider let pass (`continue-on-error`) are marked as forgiven. Null when the log can't be put to the steps.
 */
export function knownFailure(steps: readonly LogStep[], known: readonly CiStep[]): KnownFailure | null {
  const failed = failedOf(known);
  const aligned = failed === null ? null : alignSteps(steps, known);
  if (failed === null || aligned === null) return null;
  const inside = steps.filter((_, s) => aligned[s] === failed);
  if (inside.length === 0) return null;
  for (const [s, step] of steps.entries()) {
    if (aligned[s]?.conclusion === 'success') step.forgiven ||= step.errors > 0;
  }
  const decisive =
    inside.find((step) => endedInError(step) && !step.forgiven) ??
    inside.findLast(({ errors }) => errors > 0) ??
    inside.at(-1)!;
  return { name: failed.name, decisive, within: new Set(inside.map(({ index }) => index)) };
}

/** Steps behind the first that failed ran because of it, or whatever happened. */
function failedOf(known: readonly CiStep[]): CiStep | null {
  const first = (...conclusions: string[]) =>
    known.find(({ conclusion }) => conclusion !== null && conclusions.includes(conclusion));
  return first('failure', 'timed_out') ?? first('cancelled') ?? null;
}
