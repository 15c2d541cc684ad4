import { FAILURE_CATEGORIES } from '@app/domain';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const flag = (byDefault: 'true' | 'false') =>
  z
    .enum(['true', 'false'])
    .default(byDefault)
    .transform((text) => text === 'true');

export const similarQuerySchema = z
  .strictObject({
    resolved: flag('true').meta({ description: 'false: unresolved ones too.' }),
    verified: flag('false').meta({
      description: 'Only those whose workflow and job were seen to pass again.',
    }),
    category: z.enum(FAILURE_CATEGORIES).optional(),
    days: z.coerce.number().int().min(1).max(3_650).optional().meta({
      description: 'Only incidents that last failed within so many days.',
    }),
    threshold: z.coerce.number().min(0).max(1).optional().meta({ description: 'Least cosine similarity.' }),
    limit: z.coerce.number().int().min(1).max(100).optional(),
  })
  .transform(({ resolved, verified, days, ...rest }) => ({
    ...rest,
    resolvedOnly: resolved,
    verifiedOnly: verified,
    ...(days === undefined ? {} : { withinMs: days * DAY_MS }),
  }));
export type SimilarQuery = z.output<typeof similarQuerySchema>;

export const similarSchema = z
  .object({
    items: z.array(
      z.object({
        incidentId: z.string(),
        projectId: z.string(),
        score: z.number().meta({ description: 'Cosine similarity, 0 to 1.' }),
        category: z.enum(FAILURE_CATEGORIES).nullable(),
        rootCause: z.string().nullable(),
        solution: z.string().nullable(),
        resolved: z.boolean(),
        verified: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'SimilarIncidents' });
export type SimilarView = z.output<typeof similarSchema>;
