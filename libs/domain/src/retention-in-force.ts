import { InvalidInput } from './errors.js';
import type { ProjectRetention, RetentionDays } from './ports/retention.js';

/** Of a project's own setting. */
export const MAX_RETENTION_DAYS = 3_650;

/**
 * How many days a project's logs and diagnoses are kept, by its own setting and that of all projects.
 * @throws InvalidInput for what is no number of days, and for logs that would outlive the incidents that they belong to
 */
export function retentionInForce(
  own: ProjectRetention,
  general: Pick<RetentionDays, 'logDays' | 'diagnosisDays'>,
): Pick<RetentionDays, 'logDays' | 'diagnosisDays'> {
  for (const days of [own.logDays, own.diagnosisDays]) {
    if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= MAX_RETENTION_DAYS))
      throw new InvalidInput(`A retention is 1 to ${MAX_RETENTION_DAYS} whole days; this one is ${days}.`);
  }
  const logDays = own.logDays ?? general.logDays;
  const diagnosisDays = own.diagnosisDays ?? general.diagnosisDays;
  if (diagnosisDays < logDays) {
    throw new InvalidInput(
      `Logs can’t be kept ${logDays} days${origin(own.logDays)}, since they go with their incidents, which are kept ${diagnosisDays} days${origin(own.diagnosisDays)}. Set both.`,
    );
  }
  return { logDays, diagnosisDays };
}

function origin(days: number | null): string {
  return days === null ? ', as configured for all projects' : '';
}
