const DAY_MS = 86_400_000;
/** From a month's first day: at least nine days after its last. */
const MONTH_KEPT_MS = 40 * DAY_MS;

/** A day or a month (UTC) as counters are named after it. */
export interface Period {
  /** `2026-11-21`, `monthly:2026-11` */
  readonly name: string;
  readonly endsAtMs: number;
  /** Until when its counters are kept. */
  readonly keptUntilMs: number;
}

export function dayOf(at: Date): Period {
  const startMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  const endsAtMs = startMs + DAY_MS;
  return { name: at.toISOString().slice(0, 10), endsAtMs, keptUntilMs: endsAtMs + DAY_MS };
}

export function monthOf(at: Date): Period {
  const startMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
  return {
    name: `monthly:${at.toISOString().slice(0, 7)}`,
    endsAtMs: Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1),
    keptUntilMs: startMs + MONTH_KEPT_MS,
  };
}
