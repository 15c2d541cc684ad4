/** A load that is under way. `obsolete` is true once what it loads was invalidated meanwhile. */
export interface Flight {
  readonly obsolete: boolean;
}

interface RunningFlight {
  obsolete: boolean;
  promise: Promise<unknown>;
}

/** Lets concurrent callers of one name share one run. */
export class SingleFlight {
  private readonly running = new Map<string, RunningFlight>();

  /** Runs, or joins the run of the same name: then the outcome is shared, value and error alike. */
  run<T>(name: string, work: (flight: Flight) => Promise<T>): Promise<T> {
    const joined = this.running.get(name);
    if (joined) return joined.promise as Promise<T>;
    const flight: RunningFlight = { obsolete: false, promise: Promise.resolve() };
    this.running.set(name, flight);
    const promise = work(flight).finally(() => this.forget(name, flight));
    flight.promise = promise;
    return promise;
  }

  /** What runs under matching names is obsolete, and nobody joins it any more. */
  invalidate(matches: (name: string) => boolean): void {
    for (const [name, flight] of this.running)
      if (matches(name)) {
        flight.obsolete = true;
        this.running.delete(name);
      }
  }

  private forget(name: string, flight: RunningFlight): void {
    if (this.running.get(name) === flight) this.running.delete(name);
  }
}
