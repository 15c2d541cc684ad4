/** A read or a load that is under way. `obsolete` once its name was invalidated: what it brings is not kept. */
export interface Reading {
  readonly name: string;
  readonly obsolete: boolean;
}

/** A batch that is being read. `obsolete` once any of its names was invalidated. */
interface BatchReading {
  readonly names: readonly string[];
  obsolete: boolean;
}

type OwnReading = { -readonly [P in keyof Reading]: Reading[P] };

/** What is being read or loaded in this process. */
export class Readings {
  /** Mostly one of a name: a set of one costs more than a hit in memory. */
  private readonly running = new Map<string, OwnReading | Set<OwnReading>>();

  private readonly batches = new Set<BatchReading>();

  /** A batch is one reading: to remember a hundred would take longer than to decode them. */
  beginBatch(names: readonly string[]): BatchReading {
    const batch = { names, obsolete: false };
    this.batches.add(batch);
    return batch;
  }

  endBatch(batch: BatchReading): void {
    this.batches.delete(batch);
  }

  begin(name: string): Reading {
    const reading: OwnReading = { name, obsolete: false };
    const others = this.running.get(name);
    if (others === undefined) this.running.set(name, reading);
    else if (others instanceof Set) others.add(reading);
    else this.running.set(name, new Set([others, reading]));
    return reading;
  }

  end(reading: Reading): void {
    const others = this.running.get(reading.name);
    if (others instanceof Set) others.delete(reading as OwnReading);
    if (others === reading || (others instanceof Set && others.size === 0)) this.running.delete(reading.name);
  }

  invalidate(name: string): void {
    for (const batch of this.batches) if (batch.names.includes(name)) batch.obsolete = true;
    const readings = this.running.get(name);
    if (readings === undefined) return;
    for (const reading of readings instanceof Set ? readings : [readings]) reading.obsolete = true;
  }

  invalidateMatching(matches: (name: string) => boolean): void {
    for (const batch of this.batches) if (batch.names.some(matches)) batch.obsolete = true;
    for (const name of this.running.keys()) if (matches(name)) this.invalidate(name);
  }
}
