/** What a person says of a diagnosis's root cause. */
export const ROOT_CAUSE_VERDICTS = ['correct', 'partly_correct', 'wrong'] as const;
export type RootCauseVerdict = (typeof ROOT_CAUSE_VERDICTS)[number];

/** What a person says of its solution. */
export const SOLUTION_VERDICTS = ['worked', 'partly_worked', 'did_not_work', 'not_tried'] as const;
export type SolutionVerdict = (typeof SOLUTION_VERDICTS)[number];

/** A person's verdict on the diagnosis that an incident showed. */
export interface Feedback {
  readonly id: string;
  readonly projectId: string;
  /** Null when the incident was deleted: what was learned stays with the pattern. */
  readonly incidentId: string | null;
  readonly patternId: string | null;
  readonly diagnosisId: string | null;
  readonly rootCause: RootCauseVerdict;
  readonly solution: SolutionVerdict;
  /** The cause and the summary of the solution that the verdict is about, as they were shown. */
  readonly judgedCause: string;
  readonly judgedSolution: string;
  /** The real cause, in the person's words, redacted. */
  readonly actualCause: string | null;
  readonly note: string | null;
  /** Name of the API key it was given with. */
  readonly givenBy: string;
  readonly givenAt: Date;
}

/** What people said against the diagnoses of a pattern: holds for every later one. */
export interface Correction {
  /** Causes that were called wrong. */
  readonly wrongCauses: readonly string[];
  /** Solutions that did not work. */
  readonly failedSolutions: readonly string[];
  /** The real cause as it was told last; null when nobody knew it. */
  readonly actualCause: string | null;
  /** How many verdicts it was made of: grows with each. */
  readonly version: number;
}

/** Whether the diagnosis can't be given again as it is. */
export function contradicts({
  rootCause,
  solution,
  actualCause,
}: Pick<Feedback, 'rootCause' | 'solution' | 'actualCause'>): boolean {
  return rootCause === 'wrong' || solution === 'did_not_work' || actualCause !== null;
}

/** What a verdict makes of an incident as an example for others: −1 (none any more) to 1. */
export function outcomeWeightOf(rootCause: RootCauseVerdict, solution: SolutionVerdict): number {
  if (rootCause === 'wrong') return -1;
  const causeWeight = rootCause === 'correct' ? 0.15 : 0;
  const solutionWeight = { worked: 0.15, partly_worked: 0.05, not_tried: 0, did_not_work: -0.3 }[solution];
  return Math.round((causeWeight + solutionWeight) * 100) / 100;
}

/** Of an incident whose repair a later passing run proved, or whose cause a person told. */
export const PROVEN_WEIGHT = 0.3;

/**
 * What verdicts on a pattern's diagnoses add up to; the later of two that contradict each other holds.
 * @param verdicts the oldest first
 */
export function correctionFrom(
  verdicts: readonly Pick<
    Feedback,
    'rootCause' | 'solution' | 'judgedCause' | 'judgedSolution' | 'actualCause'
  >[],
): Correction | null {
  const wrongCauses = new Set<string>();
  const failedSolutions = new Set<string>();
  let actualCause: string | null = null;
  for (const verdict of verdicts) {
    if (verdict.rootCause === 'wrong') wrongCauses.add(verdict.judgedCause);
    else wrongCauses.delete(verdict.judgedCause);
    if (verdict.solution === 'did_not_work') failedSolutions.add(verdict.judgedSolution);
    else if (verdict.solution === 'worked') failedSolutions.delete(verdict.judgedSolution);
    // A person's own cause may be found wrong too.
    if (verdict.rootCause === 'wrong' && verdict.judgedCause === actualCause) actualCause = null;
    actualCause = verdict.actualCause ?? actualCause;
  }
  if (actualCause !== null) wrongCauses.delete(actualCause);
  if (wrongCauses.size === 0 && failedSolutions.size === 0 && actualCause === null) return null;
  return {
    wrongCauses: [...wrongCauses],
    failedSolutions: [...failedSolutions],
    actualCause,
    version: verdicts.length,
  };
}
