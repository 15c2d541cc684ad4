import type {
  Citation,
  Classification,
  CodeEdit,
  FailureContext,
  RootCauseAnalysis,
  Solution,
  Validation,
} from '@app/domain';
import { anchorCitation } from '@app/log-analysis';
import { excerptLines } from './prompts/failure-brief.js';

const MAX_TEXT_CHARS = 2_000;
const MAX_ITEMS = 20;
/** Less is no place in a file that could be unique. */
const MIN_SEARCH_CHARS = 8;

/**
 * What a model may say, held to what it was shown: lengths are bounded, and citations and edits that don't stand in
 * the evidence are dropped.
 */
export function checkedClassification(answer: Classification): Classification {
  return {
    ...answer,
    subcategory: answer.subcategory === null ? null : answer.subcategory.slice(0, 100),
    reasoning: clip(answer.reasoning),
  };
}

export function checkedRootCause(answer: RootCauseAnalysis, context: FailureContext): RootCauseAnalysis {
  return {
    ...answer,
    primaryCause: clip(answer.primaryCause),
    contributingFactors: list(answer.contributingFactors),
    affectedComponents: list(answer.affectedComponents),
    citations: standing(answer.citations, context),
    prevention: list(answer.prevention),
  };
}

export function checkedSolution(answer: Solution, context: FailureContext): Solution {
  return {
    ...answer,
    summary: clip(answer.summary),
    steps: list(answer.steps),
    commands: list(answer.commands),
    edits: answer.edits.filter((edit) => wasShown(edit, context)).slice(0, MAX_ITEMS),
    prevention: list(answer.prevention),
  };
}

export function checkedValidation(answer: Validation): Validation {
  return { ...answer, concerns: list(answer.concerns), preconditions: list(answer.preconditions) };
}

/** The citations whose quote stands verbatim in the evidence they name, each once. */
function standing(citations: readonly Citation[], context: FailureContext): Citation[] {
  const kept = new Map<string, Citation>();
  for (const { evidenceId, quote } of citations) {
    if (anchorCitation({ evidenceId, quote }, context.evidence) !== null) {
      kept.set(`${evidenceId} ${quote}`, { evidenceId, quote });
    }
  }
  return [...kept.values()].slice(0, MAX_ITEMS);
}

/** An edit of text the model was shown, in a file it was shown, inside the repository; anything else is a guess. */
function wasShown({ path, search }: CodeEdit, context: FailureContext): boolean {
  const shown = [...context.evidence.map(({ text }) => text), excerptLines(context.excerpt).join('\n')];
  const files = context.findings.map(({ file }) => file);
  const isInside = !path.startsWith('/') && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes('..');
  const isNamed = path !== '' && (files.includes(path) || shown.some((text) => text.includes(path)));
  const isSeen = search.trim().length >= MIN_SEARCH_CHARS && shown.some((text) => text.includes(search));
  return isInside && isNamed && isSeen;
}

function clip(text: string): string {
  return text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}…` : text;
}

function list(items: readonly string[]): string[] {
  return items
    .map((item) => clip(item.trim()))
    .filter((item) => item !== '')
    .slice(0, MAX_ITEMS);
}
