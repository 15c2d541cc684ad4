import { z } from 'zod';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 400;
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const usageQuerySchema = z.strictObject({
  project: z.uuid().optional().meta({ description: 'Project id.' }),
});
export type UsageQueryInput = z.output<typeof usageQuerySchema>;

export const costsQuerySchema = z
  .strictObject({
    project: z.uuid().optional().meta({ description: 'Project id.' }),
    from: time.optional().meta({ description: 'Default: 30 days before `to`.' }),
    to: time.optional().meta({ description: 'Not included; default: now.' }),
  })
  .transform(({ project, from, to = new Date() }) => ({
    project,
    to,
    from: from ?? new Date(to.getTime() - DEFAULT_DAYS * DAY_MS),
  }))
  .refine(({ from, to }) => from < to, { message: '`from` must lie before `to`.', path: ['from'] })
  .refine(({ from, to }) => to.getTime() - from.getTime() <= MAX_DAYS * DAY_MS, {
    message: `at most ${MAX_DAYS} days`,
    path: ['from'],
  });
export type CostsQueryInput = z.output<typeof costsQuerySchema>;

export const quotaSchema = z
  .object({
    projectId: z.string().nullable().meta({ description: 'Null: over all projects.' }),
    type: z.enum(['calls', 'tokens', 'cost_usd']),
    period: z.enum(['day', 'month']).meta({ description: 'Calendar day or month, UTC.' }),
    requests_used: z
      .number()
      .meta({ description: 'Spent or reserved, in the unit of the type: calls, tokens, US dollars.' }),
    limit: z.number().nullable().meta({ description: 'Null: none.' }),
    reset_in_seconds: z.number().int(),
  })
  .meta({ id: 'Quota' });
export type QuotaView = z.output<typeof quotaSchema>;

export const usageSchema = z
  .object({ at: z.iso.datetime(), quotas: z.array(quotaSchema) })
  .meta({ id: 'Usage' });
export type UsageView = z.output<typeof usageSchema>;

const sum = z.object({
  calls: z.number().int().meta({ description: 'Tries that reached a model, failed ones too.' }),
  cached: z.number().int().meta({ description: 'Answered from the cache instead.' }),
  fallbacks: z.number().int().meta({ description: 'Answered by the rules instead.' }),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number(),
});
const share = sum.extend({ key: z.string().nullable() });

export const costsSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    total: sum,
    byDay: z.array(share),
    byMonth: z.array(share),
    byProject: z.array(share).meta({ description: 'Key: the id of the project; null: of no project.' }),
    byOperation: z.array(share),
  })
  .meta({ id: 'UsageCosts' });
export type CostsView = z.output<typeof costsSchema>;
