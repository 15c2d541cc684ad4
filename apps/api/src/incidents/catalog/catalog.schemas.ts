import { DETERMINISMS, FAILURE_CATEGORIES, INCIDENT_STATUSES, SEVERITIES } from '@app/domain';
import { z } from 'zod';

const countOf = <T extends z.ZodType>(value: T) =>
  z.object({ value: value.nullable().meta({ description: 'null: not known (yet).' }), count: z.number() });

export const facetsSchema = z
  .object({
    total: z.number(),
    category: z.array(countOf(z.enum(FAILURE_CATEGORIES))),
    status: z.array(countOf(z.enum(INCIDENT_STATUSES))),
    severity: z.array(countOf(z.enum(SEVERITIES))),
    determinism: z.array(countOf(z.enum(DETERMINISMS))),
    project: z.array(countOf(z.string()).extend({ repository: z.string().nullable() })),
    branch: z.array(countOf(z.string())).meta({ description: 'The 50 most frequent.' }),
  })
  .meta({ id: 'IncidentFacets' });
export type FacetsView = z.output<typeof facetsSchema>;

export const statsQuerySchema = z.strictObject({
  project: z.string().max(200).optional().meta({ description: 'Project id.' }),
});
export type StatsQuery = z.output<typeof statsQuerySchema>;

export const statsSchema = z
  .object({
    total: z.number(),
    byStatus: z.record(z.enum(INCIDENT_STATUSES), z.number()),
    open: z.number().meta({ description: 'Neither resolved nor ignored.' }),
    openedLastDay: z.number(),
    openedLastWeek: z.number(),
    lastUpdatedAt: z.string().meta({ description: 'When they were counted.' }),
  })
  .meta({ id: 'IncidentStats' });
export type StatsView = z.output<typeof statsSchema>;
