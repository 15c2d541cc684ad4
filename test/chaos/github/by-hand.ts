import { setTimeout as after } from 'node:timers/promises';
import type { ChaosProduct } from '../chaos-product.js';
import type { ActingRun } from './acting-runs.js';

const ASK_EVERY_MS = 500;

interface Shown {
  readonly items: readonly { readonly id: string; readonly status: string }[];
}

/**
 * A person who wants something done about a failure: plans it, starts it and approves it, and looks what became of it, as
 * often as it takes, whoever was killed in between.
 */
export async function doByHand(
  product: ChaosProduct,
  { course, run }: ActingRun,
  isOver: () => boolean,
): Promise<void> {
  const steer: Readonly<Record<string, string>> = { planned: 'start', awaiting_approval: 'approve' };
  while (!isOver()) {
    const incident = (await product.json<Shown>(`/api/v1/incidents?branch=${run.branch}`))?.items[0];
    const workflows = incident && (await product.json<Shown>(`/api/v1/workflows?incident=${incident.id}`));
    const [workflow] = workflows?.items ?? [];
    if (workflow) {
      const wanted = steer[workflow.status];
      if (wanted === undefined) return;
      await product.json(`/api/v1/workflows/${workflow.id}/${wanted}`, 'POST');
    } else if (workflows && incident.status === 'diagnosed') {
      await product.json(`/api/v1/incidents/${incident.id}/workflows`, 'POST', { kinds: [course] });
    }
    await after(ASK_EVERY_MS);
  }
}
