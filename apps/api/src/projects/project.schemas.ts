import { z } from 'zod';
import { settingsPatchSchema, settingsSchema } from './settings.js';

const DAY_MS = 86_400_000;
/** GitHub takes any text; a short one could be guessed. */
const secret = z.string().min(16).max(500).meta({ description: 'Write-only: it is never shown again.' });

export const projectSchema = z
  .object({
    id: z.uuid(),
    repository: z.string(),
    createdAt: z.iso.datetime(),
    connected: z.boolean().meta({
      description:
        'False: the GitHub App lost the repository, or it is known only by logs that were handed in; its runs are not asked about.',
    }),
    installationId: z.number().nullable(),
    seenUntil: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Until when its runs were compared with what deliveries told.' }),
  })
  .meta({ id: 'Project' });
export type ProjectView = z.output<typeof projectSchema>;

export const projectDetailSchema = projectSchema
  .extend({
    webhookSecret: z.object({
      active: z
        .int()
        .meta({ description: '0: the product’s own secret vouches for it; 2: during a rotation.' }),
      since: z.iso.datetime().nullable(),
      previousUntil: z.iso.datetime().nullable(),
    }),
    settings: settingsSchema,
  })
  .meta({ id: 'ProjectDetail' });
export type ProjectDetailView = z.output<typeof projectDetailSchema>;

export const projectListSchema = z.object({ items: z.array(projectSchema) }).meta({ id: 'ProjectList' });

const backfillDays = z
  .int()
  .min(1)
  .max(90)
  .meta({ description: 'Takes in the failed runs of so many days, as if their deliveries had come.' });

export const createProjectSchema = z
  .strictObject({
    repository: z
      .string()
      .max(300)
      .meta({ description: 'owner/name on the GitHub that the product asks, or host/owner/name.' }),
    webhookSecret: secret.optional(),
    settings: settingsPatchSchema.optional(),
    backfillDays: backfillDays.optional(),
  })
  .meta({ id: 'CreateProject' });
export type CreateProject = z.output<typeof createProjectSchema>;

export const changeProjectSchema = z
  .strictObject({
    webhookSecret: secret
      .nullable()
      .optional()
      .meta({ description: 'A new secret; null: the product’s own secret vouches for the project again.' }),
    webhookSecretOverlapMs: z
      .int()
      .min(0)
      .max(30 * DAY_MS)
      .default(DAY_MS)
      .meta({ description: 'How long the secret before still holds; default a day.' }),
    settings: settingsPatchSchema.optional(),
  })
  .meta({ id: 'ChangeProject' });
export type ChangeProject = z.output<typeof changeProjectSchema>;

export const backfillSchema = z.strictObject({ days: backfillDays.default(7) }).meta({ id: 'Backfill' });
export type Backfill = z.output<typeof backfillSchema>;

export const backfillAnswerSchema = z
  .object({ found: z.int().meta({ description: 'Runs that were taken in; their work follows.' }) })
  .meta({ id: 'BackfillAnswer' });

export const erasedSchema = z
  .object({
    rows: z.record(z.string(), z.int()).meta({ description: 'How many went, by table.' }),
    cacheKeys: z.int(),
  })
  .meta({ id: 'ErasedProject' });
export type ErasedView = z.output<typeof erasedSchema>;
