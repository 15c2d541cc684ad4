import type { Diagnosis, LogReport } from '@app/domain';
import { NO_CAUSE_LEFT, saysTheSame } from './heed-correction.js';

/**
 * The cause of a diagnosis in words about the log at hand: the rules' sentence quotes the log that it was made from, so
 * another log of the same failure has it in words of its own, as long as they say the same. What people said, and what is
 * left after they called a cause wrong, is never put in other words.
 */
export function wordsOfCause({ rootCause, source }: Diagnosis, report: LogReport | null): string {
  const own = report?.verdict.rootCause;
  const isOfRules = source === 'rules' && !isOfPeople({ rootCause });
  return isOfRules && own !== undefined && saysTheSame(own, rootCause.primaryCause)
    ? own
    : rootCause.primaryCause;
}

/** Whether people told the cause, or called the only one wrong that was found: then the log's findings are not its evidence. */
export function isOfPeople({ rootCause }: Pick<Diagnosis, 'rootCause'>): boolean {
  return rootCause.statedBy === 'person' || rootCause.primaryCause === NO_CAUSE_LEFT;
}
