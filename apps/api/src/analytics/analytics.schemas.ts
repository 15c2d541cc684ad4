import { FAILURE_CATEGORIES, RATE_VERDICTS, TREND_INTERVALS } from '@app/domain';
import { z } from 'zod';

const MAX_DAYS = 366;
const DAY_MS = 86_400_000;
const MAX_GROUPS = 100;

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const period = {
  project: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Project id; default: all the caller may see.' }),
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_DAYS)
    .optional()
    .meta({ description: `The last so many days; default 30. Or “from” with or without “to”.` }),
  from: time.optional().meta({ description: `At most ${MAX_DAYS} days before “to”.` }),
  to: time.optional().meta({ description: 'Default: now. Not without “from”.' }),
};
type Period = { readonly days?: number; readonly from?: Date; readonly to?: Date };

function isOnePeriod({ days, from, to }: Period): boolean {
  return !(days !== undefined && from !== undefined) && !(to !== undefined && from === undefined);
}

function isWithinBounds({ from, to }: Period): boolean {
  if (from === undefined) return true;
  const lengthMs = (to ?? new Date()).getTime() - from.getTime();
  return lengthMs > 0 && lengthMs <= MAX_DAYS * DAY_MS;
}

const periodOf = <T extends z.ZodRawShape>(more: T) =>
  z
    .strictObject({ ...period, ...more })
    .refine((query) => isOnePeriod(query as Period), {
      error: 'Either “days”, or “from” with or without “to”.',
    })
    .refine((query) => isWithinBounds(query as Period), {
      error: `“from” must be before “to”, and at most ${MAX_DAYS} days.`,
    });

const limit = z.coerce.number().int().min(1).max(MAX_GROUPS).default(10);

export const overviewQuerySchema = periodOf({});
export type OverviewQuery = z.output<typeof overviewQuerySchema>;

export const trendsQuerySchema = periodOf({
  interval: z
    .enum(TREND_INTERVALS)
    .default('day')
    .meta({ description: 'Days are UTC, weeks begin on Monday.' }),
});
export type TrendsQuery = z.output<typeof trendsQuerySchema>;

export const mttrQuerySchema = periodOf({
  by: z.enum(['project', 'category', 'job']).default('project'),
  limit,
});
export type MttrQuery = z.output<typeof mttrQuerySchema>;

export const topQuerySchema = periodOf({
  by: z.enum(['pattern', 'job', 'branch']).default('pattern'),
  limit,
});
export type TopQuery = z.output<typeof topQuerySchema>;

export const flakyQuerySchema = periodOf({ limit });
export type FlakyQuery = z.output<typeof flakyQuerySchema>;

const { project: _, ...periodAlone } = period;
export const healthQuerySchema = z
  .strictObject(periodAlone)
  .refine(isOnePeriod, { error: 'Either “days”, or “from” with or without “to”.' })
  .refine(isWithinBounds, { error: `“from” must be before “to”, and at most ${MAX_DAYS} days.` });
export type HealthQuery = z.output<typeof healthQuerySchema>;

const count = z.int().nonnegative();
const durations = z
  .object({
    count: count.meta({ description: 'Of how many incidents.' }),
    medianMs: z.number().nullable(),
    p90Ms: z.number().nullable(),
  })
  .meta({ id: 'Durations', description: 'By nearest rank; null of none.' });

const timeToDiagnosis = durations.describe('From when a failure was told of to its first diagnosis.');
const timeToRepair = durations.describe(
  'From the first failed attempt to the end of the run that proved the repair.',
);

const runs = z
  .object({
    runs: count.meta({ description: 'Attempts that ended in success or failure, as far as they were told.' }),
    failed: count,
    rate: z.number().nullable().meta({ description: 'Null where none is known.' }),
  })
  .meta({ id: 'RunFigures' });

export const overviewSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    incidents: z.object({
      opened: count,
      openedBefore: count.meta({ description: 'In the period of equal length before.' }),
      occurrences: count.meta({ description: 'Failed attempts.' }),
      open: count.meta({ description: 'Neither resolved nor ignored by now.' }),
      resolved: count,
      proven: count.meta({ description: 'Those of the resolved whose repair a later run proved.' }),
    }),
    diagnoses: z.object({
      shown: count,
      reused: count.meta({ description: 'Incidents that needed no diagnosis of their own.' }),
    }),
    timeToDiagnosis,
    timeToRepair,
    failureRate: z.object({
      ...runs.shape,
      baseline: runs.describe('The period of equal length before.'),
      verdict: z.enum(RATE_VERDICTS).meta({
        description: 'Against the baseline, at 5 % significance; unknown with fewer than ten runs in either.',
      }),
    }),
  })
  .meta({ id: 'AnalyticsOverview' });
export type OverviewView = z.output<typeof overviewSchema>;

export const trendsSchema = z
  .object({
    interval: z.enum(TREND_INTERVALS),
    items: z
      .array(
        z.object({
          from: z.iso.datetime(),
          opened: count,
          occurrences: count,
          proven: count.meta({ description: 'Incidents opened then whose repair was proven.' }),
          timeToDiagnosis,
          timeToRepair,
          runs: count,
          failedRuns: count,
        }),
      )
      .meta({ description: 'The oldest first, without gaps.' }),
  })
  .meta({ id: 'AnalyticsTrends' });
export type TrendsView = z.output<typeof trendsSchema>;

const group = z
  .object({
    projectId: z.string().nullable(),
    repository: z.string().nullable(),
    value: z.string().nullable().meta({
      description: 'Project id, category, job name, branch or fingerprint; null: not known (yet).',
    }),
    category: z.enum(FAILURE_CATEGORIES).nullable().meta({ description: 'Of patterns.' }),
    rootCause: z.string().nullable().meta({ description: 'Of patterns with a diagnosis that holds.' }),
    incidents: count,
    occurrences: count,
    open: count,
    lastFailedAt: z.iso.datetime(),
    timeToDiagnosis,
    timeToRepair,
  })
  .meta({ id: 'AnalyticsGroup' });
export type GroupView = z.output<typeof group>;

export const groupsSchema = z
  .object({ by: z.string(), items: z.array(group) })
  .meta({ id: 'AnalyticsGroups' });
export type GroupsView = z.output<typeof groupsSchema>;

export const mttrSchema = z
  .object({
    by: z.string(),
    timeToDiagnosis,
    timeToRepair,
    items: z.array(group).meta({ description: 'What takes longest to repair first.' }),
  })
  .meta({ id: 'AnalyticsRepairTimes' });
export type MttrView = z.output<typeof mttrSchema>;

const flakyPattern = z
  .object({
    projectId: z.string(),
    repository: z.string(),
    fingerprint: z.string(),
    signature: z.string(),
    category: z.enum(FAILURE_CATEGORIES),
    passes: count.meta({ description: 'Incidents that passed again within the period.' }),
    passesOnSameCommit: count,
    rate: z.number(),
    lastPassedAt: z.iso.datetime(),
  })
  .meta({ id: 'FlakyPattern' });
export type FlakyView = z.output<typeof flakyPattern>;

export const flakySchema = z.object({ items: z.array(flakyPattern) }).meta({ id: 'FlakyPatterns' });

export const healthSchema = overviewSchema
  .extend({
    projectId: z.string(),
    repository: z.string(),
    top: z.array(group).meta({ description: 'The patterns that fail most often.' }),
    flaky: z.array(flakyPattern),
  })
  .meta({ id: 'RepositoryHealth' });
export type HealthView = z.output<typeof healthSchema>;
