import type { CacheSaving, CacheSavings, Log, SavedTotals } from '@app/domain';
import type { Metrics } from '@app/telemetry';
import { dayOf } from '../limits/periods.js';
import type { SavingsStore, WholeSavings } from './savings-store.js';

/** How long figures wait in the process for others to go with them. */
const FLUSH_AFTER_MS = 1_000;
const NOTHING: SavedTotals = { hits: 0, costUsd: 0, latencyMs: 0, calls: 0 };
const MICRO = 1_000_000;

/**
 * Adds up what hits saved: for Prometheus at once, by namespace and day (UTC) in a store that all processes share, a second
 * later at most. What the store doesn't take waits for the next time.
 */
export class SavingsLedger implements CacheSavings {
  /** By day, then namespace: what the store hasn't got yet. */
  private readonly pending = new Map<string, Map<string, SavedTotals>>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();
  private readonly dollarsTotal;
  private readonly secondsTotal;
  private readonly callsTotal;

  constructor(
    private readonly store: SavingsStore,
    metrics: Metrics,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {
    const labelNames = ['namespace'] as const;
    this.dollarsTotal = metrics.counter({
      name: 'cache_saved_usd_total',
      help: 'Dollars that cache hits saved.',
      labelNames,
    });
    this.secondsTotal = metrics.counter({
      name: 'cache_saved_seconds_total',
      help: 'Seconds of waiting for others that cache hits saved.',
      labelNames,
    });
    this.callsTotal = metrics.counter({
      name: 'cache_saved_calls_total',
      help: 'Calls of outside systems that cache hits saved.',
      labelNames,
    });
  }

  record(namespace: string, saving: CacheSaving): void {
    const saved = { hits: 1, costUsd: 0, latencyMs: 0, calls: 0, ...saving };
    if (saved.costUsd > 0) this.dollarsTotal.inc({ namespace }, saved.costUsd);
    if (saved.latencyMs > 0) this.secondsTotal.inc({ namespace }, saved.latencyMs / 1_000);
    if (saved.calls > 0) this.callsTotal.inc({ namespace }, saved.calls);
    this.wait(this.today(), namespace, saved);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref();
  }

  async ofDay(day: string): Promise<Readonly<Record<string, SavedTotals>>> {
    await this.flush();
    const stored = await this.store.read(day).catch(() => new Map<string, WholeSavings>());
    const totals = new Map<string, SavedTotals>(
      [...stored].map(([namespace, { hits, costMicroUsd, latencyMs, calls }]) => [
        namespace,
        { hits, costUsd: costMicroUsd / MICRO, latencyMs, calls },
      ]),
    );
    for (const [namespace, waiting] of this.pending.get(day) ?? [])
      totals.set(namespace, sum(totals.get(namespace) ?? NOTHING, waiting));
    return Object.fromEntries(totals);
  }

  /** Hands over what waits; never throws. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing = this.flushing.then(() => this.handOver());
    return this.flushing;
  }

  private async handOver(): Promise<void> {
    // Taken down first: fractions are put back meanwhile.
    const days = [...this.pending];
    for (const [day, namespaces] of days) {
      this.pending.delete(day);
      try {
        const whole = new Map([...namespaces].map(([namespace, saved]) => [namespace, wholeOf(saved)]));
        await this.store.add(day, whole);
        for (const [namespace, saved] of namespaces) this.keepFractions(day, namespace, saved);
      } catch (error) {
        for (const [namespace, saved] of namespaces) this.wait(day, namespace, saved);
        this.log.debug({ day, error: (error as Error).message }, 'cache_savings_wait');
        return;
      }
    }
  }

  /** A call for a tenth of a micro-dollar is one for nothing only when it is alone. */
  private keepFractions(day: string, namespace: string, saved: SavedTotals): void {
    if (day !== this.today()) return;
    const { costMicroUsd, latencyMs } = wholeOf(saved);
    const rest = { costUsd: saved.costUsd - costMicroUsd / MICRO, latencyMs: saved.latencyMs - latencyMs };
    if (rest.costUsd > 0 || rest.latencyMs > 0) this.wait(day, namespace, { ...NOTHING, ...rest });
  }

  private today(): string {
    return dayOf(new Date(this.now())).name;
  }

  private wait(day: string, namespace: string, saved: SavedTotals): void {
    const namespaces = this.pending.get(day) ?? new Map<string, SavedTotals>();
    this.pending.set(day, namespaces.set(namespace, sum(namespaces.get(namespace) ?? NOTHING, saved)));
  }
}

function sum(a: SavedTotals, b: SavedTotals): SavedTotals {
  return {
    hits: a.hits + b.hits,
    costUsd: a.costUsd + b.costUsd,
    latencyMs: a.latencyMs + b.latencyMs,
    calls: a.calls + b.calls,
  };
}

function wholeOf({ hits, costUsd, latencyMs, calls }: SavedTotals): WholeSavings {
  return { hits, calls, costMicroUsd: Math.floor(costUsd * MICRO), latencyMs: Math.floor(latencyMs) };
}
