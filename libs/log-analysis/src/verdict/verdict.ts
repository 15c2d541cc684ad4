import type { Attribution, Determinism, FailureCategory, Fixability, RuleVerdict } from '@app/domain';
import { programOf } from '../detectors/detector.js';
import type { RankedHit } from '../ranking/rank.js';
import { stepTitle, type LogStep } from '../steps/step-tracker.js';
import { certaintyOf, confidenceOf, NO_CERTAINTY, type Certainty } from './confidence.js';
import { guessFromStep } from './step-guess.js';

/** Same commit, same result? Where a rule doesn't say, its category does. */
const DETERMINISM: Readonly<Record<FailureCategory, Determinism>> = {
  test_failure: 'unknown',
  compile_error: 'deterministic',
  dependency: 'deterministic',
  build_config: 'deterministic',
  workflow_config: 'deterministic',
  quality: 'deterministic',
  network: 'transient',
  auth_permission: 'deterministic',
  resource_limit: 'unknown',
  timeout_cancelled: 'unknown',
  vcs_platform: 'unknown',
  runner_infra: 'transient',
  runtime_deploy: 'unknown',
  unknown: 'unknown',
};

const FIXABILITY: Readonly<Record<FailureCategory, Fixability>> = {
  test_failure: 'code_patch',
  compile_error: 'code_patch',
  dependency: 'config_patch',
  build_config: 'config_patch',
  workflow_config: 'config_patch',
  quality: 'code_patch',
  network: 'rerun',
  auth_permission: 'human',
  resource_limit: 'human',
  timeout_cancelled: 'human',
  vcs_platform: 'human',
  runner_infra: 'rerun',
  runtime_deploy: 'human',
  unknown: 'human',
};

/** What lies outside the repository whatever the change was. A log alone says no more about attribution. */
const EXTERNAL: ReadonlySet<FailureCategory> = new Set(['network', 'runner_infra']);

export interface CertainVerdict {
  readonly verdict: RuleVerdict;
  /** What the confidence rests on. */
  readonly certainty: Certainty;
}

/**
 * What the rules conclude from the ranked findings of one log.
 * @param stepName the provider's name of the step, where it is known; else the sentence shows the step's command
 */
export function verdictOf(
  ranked: readonly RankedHit[],
  primary: RankedHit | null,
  step: LogStep | null,
  seen: ReadonlyMap<string, number>,
  stepName: string | null = null,
): CertainVerdict {
  if (!primary) return { verdict: NO_CAUSE, certainty: NO_CERTAINTY };
  const named = classify(primary, step, seen);
  const guess = named ?? guessFromStep(step);
  const category = guess?.category ?? 'unknown';
  const attribution: Attribution = EXTERNAL.has(category) ? 'external' : 'unknown';
  const certainty = certaintyOf(ranked, primary, category, named !== null);
  const verdict: RuleVerdict = {
    category,
    subcategory: guess?.subcategory ?? null,
    confidence: confidenceOf(certainty),
    determinism: primary.rule.determinism ?? DETERMINISM[category],
    attribution,
    fixability: primary.rule.fixability ?? FIXABILITY[category],
    rootCause: rootCauseOf(primary, stepName ?? (step ? stepTitle(step) : '')),
    suggestion: suggestionOf(primary),
  };
  return { verdict, certainty };
}

const NO_CAUSE: RuleVerdict = {
  category: 'unknown',
  subcategory: null,
  confidence: confidenceOf(NO_CERTAINTY),
  determinism: 'unknown',
  attribution: 'unknown',
  fixability: 'human',
  rootCause: 'The log shows no cause that the rules know.',
  suggestion: null,
};

function classify(primary: RankedHit, step: LogStep | null, seen: ReadonlyMap<string, number>) {
  const { rule } = primary;
  for (const other of rule.instead ?? []) {
    const inStep = other.step && step && (other.step.test(step.command) || other.step.test(step.name));
    if (inStep || other.seen?.some((id) => seen.has(id))) {
      return { category: other.category, subcategory: other.subcategory ?? null };
    }
  }
  return rule.category === null ? null : { category: rule.category, subcategory: rule.subcategory ?? null };
}

const MAX_CAUSE_CHARS = 300;

/** One sentence: which program says what, where; without a program, what became of the step. */
function rootCauseOf(primary: RankedHit, name: string): string {
  const program = programOf(primary.rule);
  const title = name.slice(0, 80);
  const place = placeOf(primary);
  const said = sayingOf(primary);
  if (program === null) {
    const subject = title === '' ? 'The job failed' : `Step “${title}” failed`;
    return `${subject}${place}: ${said}.`;
  }
  const code = primary.fields['code'];
  const subject = code === undefined || said.includes(code) ? program : `${program} ${code}`;
  const where = title === '' ? '' : ` in step “${title}”`;
  return `${subject}${place}${where}: ${said}.`;
}

function placeOf({ fields }: RankedHit): string {
  const { file, line } = fields;
  if (file === undefined) return '';
  return ` at ${file.trim()}${line === undefined ? '' : `:${line}`}`;
}

/** The message as part of a sentence, with the test it is about. */
function sayingOf(primary: RankedHit): string {
  const { fields, body } = primary;
  const message = fields['message']?.trim() ?? '';
  const said = (message === '' ? body : message).trim().replace(/\s+/g, ' ').slice(0, MAX_CAUSE_CHARS);
  const values =
    fields['expected'] === undefined || fields['actual'] === undefined || said.includes(fields['expected'])
      ? ''
      : `, expected ${fields['expected'].trim()}, got ${fields['actual'].trim()}`;
  const test =
    fields['test'] === undefined || said.includes(fields['test']) ? '' : ` (test ${fields['test'].trim()})`;
  return `${said.replace(/^[-:\s]+|[.:;\s]+$/g, '')}${values}${test}`;
}

function suggestionOf(primary: RankedHit): string | null {
  const { suggestion } = primary.rule;
  if (suggestion === undefined) return null;
  const text = suggestion.replace(/\$<(\w+)>/g, (_, name: string) => primary.fields[name]?.trim() ?? '');
  return text.includes('``') ? null : text;
}
