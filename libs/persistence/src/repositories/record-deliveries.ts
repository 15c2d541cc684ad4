import { SETTLEABLE, sourcesOf, type Delivery, type RecordedDelivery, type Signer } from '@app/domain';
import type { Query } from '../database.js';
import { GOES_FIRST } from '../goes-first.js';
import type { GroupLimits } from '../group-commit.js';
import { storable } from '../storable.js';

/** The statuses that a later failed attempt reopens. */
export const REOPENABLE = sourcesOf('received');

/** A group is one statement, for which everybody waits who comes after it: some tens of milliseconds at most. */
export const GROUP_LIMITS: GroupLimits<string> = {
  items: 16,
  size: 1_000_000,
  sizeOf: (delivery) => delivery.length,
};

/** What `recordDeliveries` takes of a delivery: its JSON. */
export function groupedDelivery(delivery: Delivery, { isShared, isReplay = false }: Signer): string {
  return JSON.stringify({ delivery: storable(delivery), isShared, isReplay });
}

/** Records deliveries in their order, all or none; what became of each, in the same order. */
export async function recordDeliveries(
  query: Query,
  deliveries: readonly string[],
  now: Date,
): Promise<readonly RecordedDelivery[]> {
  const [row] = await query<{ results: RecordedDelivery[] }>(
    `SELECT record_deliveries($1, $2, $3, $4) AS results ${GOES_FIRST}`,
    [`[${deliveries.join(',')}]`, now, REOPENABLE, SETTLEABLE],
  );
  return row!.results;
}
