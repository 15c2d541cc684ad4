import type { Env } from './env-schema.js';

/** How many days what is kept is kept. */
export interface RetentionConfig {
  /** Redacted logs; a project may say otherwise. */
  readonly logDays: number;
  /** Incidents with their diagnoses; a project may say otherwise. */
  readonly diagnosisDays: number;
  readonly deliveryDays: number;
  readonly usageDays: number;
}

/** Adds to `problems` what is wrong. */
export function retentionConfig(env: Env, problems: string[]): RetentionConfig {
  if (env.RETENTION_DIAGNOSIS_DAYS < env.RETENTION_LOG_DAYS) {
    problems.push(
      'RETENTION_DIAGNOSIS_DAYS is less than RETENTION_LOG_DAYS: a log goes with its incident at the latest.',
    );
  }
  return {
    logDays: env.RETENTION_LOG_DAYS,
    diagnosisDays: env.RETENTION_DIAGNOSIS_DAYS,
    deliveryDays: env.RETENTION_DELIVERY_DAYS,
    usageDays: env.RETENTION_USAGE_DAYS,
  };
}
