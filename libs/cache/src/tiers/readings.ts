/** A read or a load that is under way. `obsolete` once its name was invalidated: what it brings is not kept. */
export interface Reading {
  readonly name: string;
  readonly obsolete: boolean;
}

type OwnReading = { -readonly [P in keyof Reading]: Reading[P] };

/** What is being read or loaded in this process. */
export class Readings {
  private readonly running = new Map<string, Set<OwnReading>>();

  begin(name: string): Reading {
    const reading: OwnReading = { name, obsolete: false };
    const others = this.running.get(name);
    if (others) others.add(reading);
    else this.running.set(name, new Set([reading]));
    return reading;
  }

  end(reading: Reading): void {
    const others = this.running.get(reading.name);
    others?.delete(reading as OwnReading);
    if (others?.size === 0) this.running.delete(reading.name);
  }

  invalidate(name: string): void {
    for (const reading of this.running.get(name) ?? []) reading.obsolete = true;
  }

  invalidateMatching(matches: (name: string) => boolean): void {
    for (const name of this.running.keys()) if (matches(name)) this.invalidate(name);
  }
}
