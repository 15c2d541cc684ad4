import { describe, expect, it } from 'vitest';
import type { RecordedDelivery } from './recorded-delivery.js';
import { planSendings, type Disorder } from './sending-plan.js';

const order: Disorder = { duplicate: 0, drop: 0, shuffle: false, delayMs: 0, seed: 1 };
const noon = Date.UTC(2026, 10, 20, 12);
const recordings: RecordedDelivery[] = Array.from({ length: 200 }, (_, index) => ({
  id: `d${index}`,
  event: 'push',
  at: new Date(noon + index * 1_000),
  payload: { index },
}));

describe('planSendings', () => {
  it('keeps the pace and the order in which deliveries came, at the speed that is wanted', () => {
    const planned = planSendings(recordings, 10, order);
    expect(planned.slice(0, 3).map(({ id, atMs }) => [id, atMs])).toEqual([
      ['d0', 0],
      ['d1', 100],
      ['d2', 200],
    ]);
    expect(new Set(planSendings(recordings, 0, order).map(({ atMs }) => atMs))).toEqual(new Set([0]));
  });

  it('disorders the same for the same seed, and otherwise for another', () => {
    const disorder = { ...order, duplicate: 0.2, drop: 0.1, shuffle: true, delayMs: 500 };
    const first = planSendings(recordings, 1, disorder);
    expect(planSendings(recordings, 1, disorder)).toEqual(first);
    expect(planSendings(recordings, 1, { ...disorder, seed: 2 })).not.toEqual(first);
  });

  it('sends a share twice under the same id, and a share not at all', () => {
    const twice = planSendings(recordings, 0, { ...order, duplicate: 0.5 });
    expect(twice.length).toBeGreaterThan(260);
    expect(new Set(twice.map(({ id }) => id)).size).toBe(200);
    expect(planSendings(recordings, 0, { ...order, drop: 1 })).toEqual([]);
  });

  it('gives those without an id one that stays with the seed', () => {
    const bare = recordings.map((one) => ({ ...one, id: null }));
    const ids = planSendings(bare, 0, order).map(({ id }) => id);
    expect(new Set(ids).size).toBe(200);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(planSendings(bare, 0, order).map(({ id }) => id)).toEqual(ids);
  });
});
