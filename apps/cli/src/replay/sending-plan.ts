import { createHash } from 'node:crypto';
import type { RecordedDelivery } from './recorded-delivery.js';

export interface Disorder {
  /** Shares from 0 to 1. */
  readonly duplicate: number;
  readonly drop: number;
  /** Whether the order is random. */
  readonly shuffle: boolean;
  /** Each is late by up to so many milliseconds. */
  readonly delayMs: number;
  /** The same seed disorders the same. */
  readonly seed: number;
}

export interface PlannedSending {
  readonly id: string;
  readonly event: string;
  readonly payload: unknown;
  /** After the start. */
  readonly atMs: number;
}

/** Between deliveries of which nobody knows when they came. */
const STEP_MS = 100;

/**
 * When each delivery is sent: at `speed` times the pace at which they came (0: at once), in the order in which they came
 * unless they are disordered. A duplicate bears the id of what it repeats, as GitHub's own do.
 */
export function planSendings(
  deliveries: readonly RecordedDelivery[],
  speed: number,
  disorder: Disorder,
): PlannedSending[] {
  const random = randomOf(disorder.seed);
  const times = timesOf(deliveries).map((ms) => (speed === 0 ? 0 : ms / speed));
  const order = disorder.shuffle ? shuffled(deliveries, random) : deliveries;
  const planned: PlannedSending[] = [];
  for (const [index, delivery] of order.entries()) {
    if (random() < disorder.drop) continue;
    const { event, payload } = delivery;
    const id = delivery.id ?? idOf(disorder.seed, index);
    const late = () => Math.round(random() * disorder.delayMs);
    planned.push({ id, event, payload, atMs: Math.round(times[index]!) + late() });
    if (random() < disorder.duplicate)
      planned.push({ id, event, payload, atMs: Math.round(times[index]!) + late() });
  }
  return planned.toSorted((a, b) => a.atMs - b.atMs);
}

function timesOf(deliveries: readonly RecordedDelivery[]): number[] {
  let at = 0;
  let before: Date | null = null;
  return deliveries.map((delivery, index) => {
    if (index > 0)
      at += delivery.at && before ? Math.max(0, delivery.at.getTime() - before.getTime()) : STEP_MS;
    before = delivery.at ?? before;
    return at;
  });
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** In the form of GitHub's ids. */
function idOf(seed: number, index: number): string {
  const hex = createHash('sha256').update(`${seed}/${index}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** Mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
