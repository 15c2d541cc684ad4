import type { LogFormat } from '../reader/format.js';
import type { RankedHit } from '../ranking/rank.js';
import type { StepTracker } from '../steps/step-tracker.js';

/** A finding that no successful job prints. */
const TELLING = 90;
/** A log without any word of an outcome is judged by less. */
const LIKELY = 50;

/** Whether the job failed, from what the provider printed; by the findings only where it printed nothing. */
export function jobFailed(format: LogFormat, tracker: StepTracker, ranked: readonly RankedHit[]): boolean {
  if (tracker.outcome !== null) return tracker.outcome === 'failed';
  if (tracker.steps.some((step) => step.errors > 0 && !step.forgiven && step.phase !== 'post')) return true;
  const silent =
    tracker.complete && (format === 'gha-raw' || format === 'gh-run-view' || format === 'gha-archive');
  if (!silent) return ranked.some(({ score }) => score >= LIKELY);
  // what trying again mends may have been tried again, and what the provider let pass failed nothing
  return ranked.some(
    ({ rule, step, score }) =>
      score >= TELLING && rule.category !== 'network' && tracker.steps[step]?.forgiven !== true,
  );
}
