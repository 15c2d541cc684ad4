import { z } from 'zod';

export const deliveryAnswerSchema = z
  .object({
    status: z.enum(['accepted', 'ignored', 'duplicate']),
    deliveryId: z.string(),
    reason: z.string().nullable().meta({ description: 'Why a delivery was ignored.' }),
    incidents: z.array(z.string()).meta({ description: 'Ids of the incidents it opened or reopened.' }),
  })
  .meta({ id: 'DeliveryAnswer' });
export type DeliveryAnswer = z.output<typeof deliveryAnswerSchema>;
