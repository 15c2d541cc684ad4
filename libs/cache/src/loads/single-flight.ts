import type { Reading, Readings } from '../tiers/readings.js';

interface Flight {
  readonly reading: Reading;
  readonly outcome: Promise<unknown>;
}

/** Lets concurrent callers of one name share one run. */
export class SingleFlight {
  private readonly running = new Map<string, Flight>();

  constructor(private readonly readings: Readings) {}

  /**
   * Runs, or joins the run of the same name: then the outcome is shared, value and error alike. Nobody joins a run
   * whose name was invalidated since it began.
   */
  run<T>(
    name: string,
    work: (reading: Reading) => Promise<T>,
  ): { readonly outcome: Promise<T>; readonly joined: boolean } {
    const running = this.running.get(name);
    if (running && !running.reading.obsolete) return { outcome: running.outcome as Promise<T>, joined: true };
    const reading = this.readings.begin(name);
    const outcome = work(reading).finally(() => {
      this.readings.end(reading);
      if (this.running.get(name)?.reading === reading) this.running.delete(name);
    });
    this.running.set(name, { reading, outcome });
    return { outcome, joined: false };
  }
}
