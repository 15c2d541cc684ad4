import type {
  Answer,
  AnswerMeta,
  Classification,
  Correction,
  RootCauseAnalysis,
  Solution,
} from '@app/domain';
import { maskVariableParts } from '@app/log-analysis';

/** What is said when the only cause that was found is one that a person called wrong. */
export const NO_CAUSE_LEFT =
  'Not known: the only cause that was found was called wrong by a person for this failure before.';
const NO_SOLUTION_LEFT =
  'Not known: the only solution that was found did not help against this failure before.';

/** The cause that a person told, with the lines that decided the category as its evidence. */
export function causeOfPerson(
  actualCause: string,
  classification: Answer<Classification>,
): Answer<RootCauseAnalysis> {
  return {
    value: {
      ...nothing(actualCause),
      citations: classification.value.keyLines,
      confidence: 1,
      statedBy: 'person',
    },
    meta: free(classification.meta),
  };
}

/** The answer, unless its cause is one that a person called wrong. */
export function withoutWrongCause(
  answer: Answer<RootCauseAnalysis>,
  { wrongCauses }: Correction,
): Answer<RootCauseAnalysis> {
  const { primaryCause } = answer.value;
  if (!wrongCauses.some((wrong) => saysTheSame(wrong, primaryCause))) return answer;
  return { ...answer, value: nothing(NO_CAUSE_LEFT) };
}

/** The answer, unless it is known not to help. */
export function withoutFailedSolution(
  answer: Answer<Solution>,
  { failedSolutions, wrongCauses, actualCause }: Correction,
): Answer<Solution> {
  const { summary } = answer.value;
  const failed = failedSolutions.some((solution) => saysTheSame(solution, summary));
  // The rules' suggestion belongs to the cause that they found, which is not the one.
  const isOfWrongCause = answer.meta.source === 'rules' && (wrongCauses.length > 0 || actualCause !== null);
  if (!failed && !isOfWrongCause) return answer;
  return {
    ...answer,
    value: noSolution(failed ? NO_SOLUTION_LEFT : 'No solution is known for this cause yet.'),
  };
}

/** Whether two sentences say the same of a failure: they differ in numbers, paths and spaces at most. */
export function saysTheSame(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

function comparable(text: string): string {
  return maskVariableParts(text.replaceAll(/\s+/g, ' ').trim()).toLowerCase().replaceAll(/\d+/g, '#');
}

function nothing(primaryCause: string): RootCauseAnalysis {
  return {
    primaryCause,
    contributingFactors: [],
    errorChain: [],
    affectedComponents: [],
    citations: [],
    confidence: 0,
    prevention: [],
  };
}

function noSolution(summary: string): Solution {
  return {
    summary,
    steps: [],
    commands: [],
    edits: [],
    configurationChanges: [],
    risk: 'low',
    prevention: [],
    estimatedMinutes: null,
  };
}

/** Of an answer that nobody had to be asked for. */
function free(meta: AnswerMeta): AnswerMeta {
  return {
    ...meta,
    cached: true,
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
    latencyMs: 0,
    repair: 'none',
    cutParts: [],
  };
}
