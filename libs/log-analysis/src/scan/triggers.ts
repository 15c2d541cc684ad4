import type { HitSet } from './literal-scanner.js';

/** A rule as the scan sees it: literals that must stand in a line before the rule is tried on it. */
export interface Triggered {
  /** One of these must stand in the line, any ASCII case. */
  readonly near: readonly string[];
  /** One of these as well. */
  readonly and?: readonly string[];
}

/** From the literals found in a line to the rules worth trying on it. */
export class Triggers {
  private readonly nearOf: (readonly number[])[];
  private readonly andOf: (readonly number[])[];
  private readonly needsAnd: Uint8Array;
  private readonly andSeen: Int32Array;
  private readonly seen: Int32Array;
  private stamp = 0;
  private readonly found: number[] = [];

  /** @param ids literal → its id in the scanner that fills the hit sets. */
  constructor(rules: readonly Triggered[], ids: ReadonlyMap<string, number>) {
    const nearOf: number[][] = Array.from({ length: ids.size }, () => []);
    const andOf: number[][] = Array.from({ length: ids.size }, () => []);
    this.needsAnd = new Uint8Array(rules.length);
    this.andSeen = new Int32Array(rules.length);
    this.seen = new Int32Array(rules.length);
    rules.forEach((rule, index) => {
      for (const literal of rule.near) nearOf[idOf(ids, literal)]?.push(index);
      if (rule.and) this.needsAnd[index] = 1;
      for (const literal of rule.and ?? []) andOf[idOf(ids, literal)]?.push(index);
    });
    this.nearOf = nearOf;
    this.andOf = andOf;
  }

  /** Indexes of the rules to try, in the order of the rule list. The array is reused by the next call. */
  candidates(hits: HitSet): readonly number[] {
    this.stamp += 1;
    const { stamp, found } = this;
    found.length = 0;
    for (let i = 0; i < hits.size; i += 1) {
      const literal = hits.ids[i]!;
      for (const rule of this.andOf[literal]!) this.andSeen[rule] = stamp;
      for (const rule of this.nearOf[literal]!) {
        if (this.seen[rule] === stamp) continue;
        this.seen[rule] = stamp;
        found.push(rule);
      }
    }
    let kept = 0;
    for (const rule of found) {
      if (this.needsAnd[rule] === 0 || this.andSeen[rule] === stamp) found[kept++] = rule;
    }
    found.length = kept;
    if (kept > 1) found.sort((a, b) => a - b);
    return found;
  }
}

/** Ids for every literal of some rules. */
export function literalIds(rules: readonly Triggered[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const rule of rules) {
    for (const literal of [...rule.near, ...(rule.and ?? [])]) {
      const folded = literal.toLowerCase();
      if (!ids.has(folded)) ids.set(folded, ids.size);
    }
  }
  return ids;
}

function idOf(ids: ReadonlyMap<string, number>, literal: string): number {
  return ids.get(literal.toLowerCase()) ?? -1;
}
