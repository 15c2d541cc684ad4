import { z } from 'zod';

const DELIVERY_STATUSES = ['pending', 'processed', 'ignored', 'failed'] as const;

export const deliveryListQuerySchema = z.strictObject({
  project: z.uuid().optional(),
  status: z
    .enum(DELIVERY_STATUSES)
    .optional()
    .meta({ description: 'pending: something is still to be asked of the CI system.' }),
  event: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(500).optional(),
});
export type DeliveryListQuery = z.output<typeof deliveryListQuerySchema>;

export const deliverySchema = z
  .object({
    id: z.string(),
    event: z.string(),
    action: z.string().nullable(),
    projectId: z.uuid().nullable(),
    repository: z.string().nullable(),
    receivedAt: z.iso.datetime(),
    meaning: z.string().meta({ description: 'What it was taken for: failed_job, run, ignored …' }),
    status: z.enum(DELIVERY_STATUSES),
    note: z.string().nullable().meta({ description: 'Why it was ignored, or what could not be learnt.' }),
    incidents: z.array(z.string()).meta({ description: 'Incidents it opened, resolved or may resolve.' }),
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = z.output<typeof deliverySchema>;

export const deliveryPageSchema = z
  .object({ items: z.array(deliverySchema), nextCursor: z.string().nullable() })
  .meta({ id: 'DeliveryPage' });
