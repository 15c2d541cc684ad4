import type { CiStep } from '@app/domain';
import { titleMatches, type LogStep } from './step-tracker.js';

/** More than these are not aligned: the work grows with both. */
const MAX_LOG_STEPS = 1_000;
const MAX_KNOWN_STEPS = 250;

/** What speaks against a stretch of the log being of a step. Only the relations of these numbers count. */
const OFF_BY_A_SECOND = 3;
const OUT_OF_TIME = 100;
const OTHER_TITLE = 1;
const SAME_TITLE = -2;
const OTHER_OUTCOME = 1;
/** A step's own parts (composite actions) begin like steps. */
const PART_OF_THE_SAME = 1;
/** A step that the log doesn't show. Those of the runner itself often print nothing. */
const UNSEEN = 1.5;
const UNSEEN_OF_RUNNER = 0.5;

const OF_RUNNER = /^(?:Set up |Post |Complete |Initialize containers|Stop containers)/;

/**
 * Which of the provider's steps each stretch of the log is of: by the times of both, which overlap by no more than the
 * second in which one ends and the next begins, and within such a second by title and outcome. Null for a stretch whose
 * time fits none; null for all when there are no times to go by.
 */
export function alignSteps(
  steps: readonly LogStep[],
  known: readonly CiStep[],
): readonly (CiStep | null)[] | null {
  const ran = known.filter(({ conclusion, startedAt }) => conclusion !== 'skipped' && startedAt !== null);
  if (ran.length === 0 || ran.length > MAX_KNOWN_STEPS || steps.length > MAX_LOG_STEPS) return null;
  if (!steps.some(({ startedAt }) => startedAt !== null)) return null;

  // Cheapest way to have put the stretches so far, by the step of the last one.
  let costs = ran.map((step, j) => unseen(ran, j) + mismatch(steps[0]!, step));
  const cameFrom: number[][] = [];
  for (const stretch of steps.slice(1)) {
    const from = ran.map((_, j) => cheapestBefore(ran, costs, stretch, j));
    cameFrom.push(from.map(({ index }) => index));
    costs = ran.map((step, j) => from[j]!.cost + mismatch(stretch, step));
  }
  let at = costs.indexOf(Math.min(...costs));
  const aligned: number[] = [at];
  for (const from of cameFrom.toReversed()) aligned.unshift((at = from[at]!));
  return aligned.map((index, s) => (secondsOff(steps[s]!, ran[index]!) > 1 ? null : ran[index]!));
}

function cheapestBefore(
  ran: readonly CiStep[],
  costs: readonly number[],
  stretch: LogStep,
  j: number,
): { index: number; cost: number } {
  let best = { index: j, cost: costs[j]! + PART_OF_THE_SAME };
  // Only what a step begins with bears its title.
  for (let i = j - 1, passed = titleMismatch(stretch, ran[j]!); i >= 0; i -= 1) {
    const cost = costs[i]! + passed;
    if (cost < best.cost) best = { index: i, cost };
    passed += unseenCost(ran[i]!);
  }
  return best;
}

function unseen(ran: readonly CiStep[], before: number): number {
  return ran.slice(0, before).reduce((sum, step) => sum + unseenCost(step), 0);
}

function unseenCost({ name }: CiStep): number {
  return OF_RUNNER.test(name) ? UNSEEN_OF_RUNNER : UNSEEN;
}

function mismatch(stretch: LogStep, step: CiStep): number {
  const off = secondsOff(stretch, step);
  const time = off === 0 ? 0 : off <= 1 ? OFF_BY_A_SECOND : OUT_OF_TIME + off;
  return time + outcomeMismatch(stretch, step);
}

function titleMismatch(stretch: LogStep, { name }: CiStep): number {
  if (titleMatches(stretch, name)) return SAME_TITLE;
  // A name that nobody chose is the step's own first line.
  const isOwnLine = name.startsWith('Run ') || OF_RUNNER.test(name) || stretch.phase === 'post';
  return isOwnLine ? OTHER_TITLE : 0;
}

/** Parts of a step that failed may have gone well; those of one that passed rarely failed. */
function outcomeMismatch(stretch: LogStep, { conclusion }: CiStep): number {
  const failed = stretch.exitCode !== null ? stretch.exitCode !== 0 : stretch.errors > 0;
  return failed && conclusion === 'success' ? OTHER_OUTCOME : 0;
}

/** How far a stretch begins outside a step's time. The provider's times are whole seconds. */
function secondsOff(stretch: LogStep, step: CiStep): number {
  const at = stretch.startedAt === null ? Number.NaN : Date.parse(stretch.startedAt);
  // The log's first lines come before its first step.
  if (Number.isNaN(at)) return 0;
  const from = Math.floor(step.startedAt!.getTime() / 1_000);
  const to = step.completedAt === null ? Infinity : Math.floor(step.completedAt.getTime() / 1_000);
  const second = Math.floor(at / 1_000);
  return Math.max(0, from - second, second - to);
}
