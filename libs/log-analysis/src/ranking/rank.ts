import type { Hit } from '../detectors/hit.js';
import type { LogStep } from '../steps/step-tracker.js';
import { endedInError, stepTitle, titleMatches } from '../steps/step-tracker.js';
import { maskVariableParts } from '../signature/mask.js';

export interface RankedHit extends Hit {
  /** Weight after everything known about where the line stands. */
  readonly score: number;
  /** The line with its variable parts masked. */
  readonly masked: string;
}

/** How much a finding counts by what became of its step. */
const IN_FAILED_STEP = 1;
const IN_OTHER_FAILED_STEP = 0.85;
/** It ended in an error, and the job went on to the step that failed it. */
const ALLOWED_TO_FAIL = 0.3;
const IN_PASSED_STEP = 0.3;
const AFTER_FAILURE = 0.2;
const FORGIVEN = 0.15;
const CLEAN_UP = 0.05;
/** The second time a message stands in a step: a summary or a retry repeats it. Another step says it anew. */
const REPEATED = 0.35;
/** The provider's own mark on a message that stood in the step before: reporters sum up failures so. */
const MARKED_AGAIN = 0.65;

/** The steps that failed the job, first to last. */
export function failedSteps(steps: readonly LogStep[]): readonly LogStep[] {
  const failed = steps.filter((step) => step.errors > 0 && !step.forgiven && step.phase !== 'post');
  return failed.length > 0 ? failed : steps.filter((step) => step.errors > 0 && step.phase !== 'post');
}

/**
 * The step that failed the job, as far as the log or the provider tells: the first that ended in an error. Those behind
 * it ran because of it (`if: failure()`) or whatever happened (`always()`); one with errors in its midst went on. So did
 * the job itself where its work went on behind a step: that one was allowed to fail, which the log doesn't say.
 */
export function decisiveStep(steps: readonly LogStep[], named: string | null | undefined): LogStep | null {
  if (named) {
    const match =
      steps.find((step) => step.errors > 0 && titleMatches(step, named)) ??
      steps.find((step) => titleMatches(step, named));
    if (match) return match;
  }
  const failed = failedSteps(steps);
  const ended = failed.filter(endedInError);
  const akin = named && ended.length > 1 ? mostAkin(ended, named) : null;
  if (akin) return akin;
  const first = ended.find((step, i) => !wasAllowedToFail(steps, step, ended[i + 1]));
  if (!first) return failed.at(-1) ?? null;
  // a job that was cancelled failed because of another one, if another one failed
  if (first.cancelled) return ended.find((step) => !step.cancelled && step.job !== first.job) ?? first;
  return first;
}

/** Gates that jobs often let fail: advisories, licences, spelling. */
const ADVISORY =
  /\b(?:audit|govulncheck|vuln\w{0,12}|advisor(?:y|ies)|licen[cs]es?|codespell|spell(?:ing|check)?|typos|outdated|snyk|trivy|bandit|safety)\b/i;
/** What a job does after a failure: it saves, reports and shows. */
const AFTERMATH =
  /upload|artifact|report|summary|publish.{0,20}results|notif|slack|discord|codecov|coverage|cache|\blogs?\b|dump|collect|debug|diagnos|screenshot|clean.?up|tear.?down|^(?:cat|tail|head|ls|df|ps|du|free|env|echo|find|dmesg|journalctl|if|docker (?:ps|stop|rm|compose down))\b/i;

/** Whether the job's work went on between a failed step and the next one that failed. */
function wasAllowedToFail(steps: readonly LogStep[], step: LogStep, next: LogStep | undefined): boolean {
  if (!next || next.job !== step.job || step.cancelled) return false;
  if (ADVISORY.test(stepTitle(step)) && !ADVISORY.test(stepTitle(next))) return true;
  return steps
    .slice(step.index + 1, next.index)
    .some(
      (between) => between.phase === 'main' && between.errors === 0 && !AFTERMATH.test(stepTitle(between)),
    );
}

/** Words that say nothing about what a step does. */
const FILLERS: ReadonlySet<string> = new Set(['and', 'the', 'for', 'with', 'run', 'all', 'from', 'into']);

/** Where a log shows commands and the provider gives another name: the step whose command shares most words with it. */
function mostAkin(steps: readonly LogStep[], named: string): LogStep | null {
  const words = (named.toLowerCase().match(/[a-z]{3,}/g) ?? [])
    .filter((word) => !FILLERS.has(word))
    .map((word) => word.replace(/s$/, ''));
  const shared = steps.map((step) => {
    // `npx --no-install` installs nothing.
    const title = stepTitle(step)
      .toLowerCase()
      .replace(/(?<=\s)-\S+/g, ' ');
    return words.filter((word) => title.includes(word)).length;
  });
  const most = Math.max(...shared);
  return most > 0 && shared.filter((count) => count === most).length === 1
    ? (steps[shared.indexOf(most)] ?? null)
    : null;
}

/** Scores every hit: its rule's weight, lowered for steps that didn't fail the job and for repetitions. */
export function rankHits(
  hits: readonly Hit[],
  steps: readonly LogStep[],
  decisive: LogStep | null,
): RankedHit[] {
  const failed = new Set(failedSteps(steps).map((step) => step.index));
  const seen = new Set<string>();
  const marked = new Set<string>();
  return hits.map((hit) => {
    const masked = maskVariableParts(hit.body);
    const message = `${hit.step}\n${masked}`;
    const again = hit.annotated && !marked.has(message) ? MARKED_AGAIN : REPEATED;
    const repetition = seen.has(message) ? again : 1;
    seen.add(message);
    if (hit.annotated) marked.add(message);
    const score = hit.weight * stepFactor(steps[hit.step], failed, decisive) * repetition;
    return { ...hit, masked, score };
  });
}

function stepFactor(
  step: LogStep | undefined,
  failed: ReadonlySet<number>,
  decisive: LogStep | null,
): number {
  if (!step || decisive === null) return step?.phase === 'post' ? CLEAN_UP : IN_FAILED_STEP;
  if (step.index === decisive.index) return IN_FAILED_STEP;
  if (step.phase === 'post') return CLEAN_UP;
  if (failed.has(step.index))
    return step.index < decisive.index && endedInError(step) ? ALLOWED_TO_FAIL : IN_OTHER_FAILED_STEP;
  if (step.forgiven) return FORGIVEN;
  return step.index > decisive.index ? AFTER_FAILURE : IN_PASSED_STEP;
}

/** How often, and how much more often than another, a message must fail tests to be taken for the cause of them all. */
const MIN_CASUALTIES = 5;
const MANY_TIMES = 3;
/** Rules this close in weight say equally much. */
const AS_TELLING = 3;

/**
 * The line to read first: the best score, the earliest of equals; of one rule's, the first that is marked as an error.
 * Where one message fails most of the tests, that one.
 */
export function primaryOf(ranked: readonly RankedHit[]): RankedHit | null {
  let best: RankedHit | null = null;
  for (const hit of ranked) {
    if (best === null || hit.score > best.score) best = hit;
    else if (hit.score === best.score && hit.rule === best.rule && hit.annotated && !best.annotated)
      best = hit;
  }
  return best?.rule.category === 'test_failure' ? (commonCause(ranked, best) ?? best) : best;
}

function commonCause(ranked: readonly RankedHit[], best: RankedHit): RankedHit | null {
  const peers = ranked.filter(
    ({ rule, step, weight }) =>
      step === best.step &&
      rule.category === 'test_failure' &&
      rule.test !== true &&
      Math.abs(weight - best.weight) <= AS_TELLING,
  );
  const casualties = new Map<string, number>();
  for (const { masked } of peers) casualties.set(masked, (casualties.get(masked) ?? 0) + 1);
  const [message, count] = [...casualties].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0]);
  if (count < MIN_CASUALTIES || count < MANY_TIMES * (casualties.get(best.masked) ?? 1)) return null;
  const marked = ranked.find((hit) => hit.annotated && hit.step === best.step && hit.masked === message);
  return marked ?? peers.find((hit) => hit.masked === message) ?? null;
}
