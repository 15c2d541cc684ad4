import type { NamePattern, Namespace } from '../policies/cache-names.js';

/** What is to be told the store; each item knows whether it was asked for again meanwhile. */
export interface Remembered {
  readonly names: readonly (readonly [name: string, asked: number])[];
  readonly patterns: readonly (readonly [pattern: NamePattern, asked: number])[];
  readonly raised: readonly (readonly [namespace: Namespace, asked: number])[];
}

/**
 * Invalidations the store hasn't confirmed. As long as one stands here this process takes nothing it covers from the
 * store. Past the bound a whole namespace is remembered instead of more of its names.
 */
export class PendingInvalidations {
  private readonly names = new Map<string, { readonly of: Namespace; readonly asked: number }>();
  private readonly patterns = new Map<
    string,
    { readonly pattern: NamePattern; readonly asked: number; beingDeleted: boolean }
  >();
  private readonly raised = new Map<string, { readonly of: Namespace; readonly asked: number }>();
  private counter = 0;

  constructor(private readonly bounds: { readonly names: number; readonly patterns: number }) {}

  /** Counts what was asked for, for `confirm`. */
  get asked(): number {
    return this.counter;
  }

  get empty(): boolean {
    return this.names.size === 0 && this.patterns.size === 0 && this.raised.size === 0;
  }

  addName(name: string, of: Namespace): void {
    if (this.raised.has(of.namespace)) return this.raise(of);
    if (this.names.size >= this.bounds.names && !this.names.has(name)) return this.raise(of);
    this.names.set(name, { of, asked: (this.counter += 1) });
  }

  /**
   * A pattern that is being deleted: it covers, and isn't read as something to be made good before `failed` says so.
   * Answers what `settle` wants to hear when it is done.
   */
  beginPattern(pattern: NamePattern, of: Namespace): Partial<Remembered> {
    const id = idOf(pattern);
    if (this.patterns.size >= this.bounds.patterns && !this.patterns.has(id)) {
      this.raise(of);
      return {};
    }
    this.patterns.set(id, { pattern, asked: (this.counter += 1), beingDeleted: true });
    return { patterns: [[pattern, this.counter]] };
  }

  failed({ patterns = [] }: Partial<Remembered>): void {
    for (const [pattern, asked] of patterns) {
      const pending = this.patterns.get(idOf(pattern));
      if (pending?.asked === asked) pending.beingDeleted = false;
    }
  }

  covers(name: string): boolean {
    if (this.empty) return false;
    if (this.names.has(name)) return true;
    for (const { pattern } of this.patterns.values()) if (pattern.matches(name)) return true;
    for (const { of } of this.raised.values()) if (of.all.matches(name)) return true;
    return false;
  }

  read(): Remembered {
    return {
      names: [...this.names].map(([name, { asked }]) => [name, asked]),
      patterns: [...this.patterns.values()]
        .filter(({ beingDeleted }) => !beingDeleted)
        .map(({ pattern, asked }) => [pattern, asked]),
      raised: [...this.raised.values()].map(({ of, asked }) => [of, asked]),
    };
  }

  /** The store has confirmed these; what was asked for again since stays. */
  settle({ names = [], patterns = [], raised = [] }: Partial<Remembered>): void {
    for (const [name, asked] of names) if (this.names.get(name)?.asked === asked) this.names.delete(name);
    for (const [pattern, asked] of patterns)
      if (this.patterns.get(idOf(pattern))?.asked === asked) this.patterns.delete(idOf(pattern));
    for (const [{ namespace }, asked] of raised)
      if (this.raised.get(namespace)?.asked === asked) this.raised.delete(namespace);
  }

  /** The store has taken something newer under these names, and told everybody; what was asked for since stays. */
  confirm(entries: readonly { readonly name: string }[], asked: number): void {
    if (this.names.size === 0) return;
    for (const { name } of entries)
      if ((this.names.get(name)?.asked ?? Infinity) <= asked) this.names.delete(name);
  }

  private raise(of: Namespace): void {
    for (const [name, pending] of this.names)
      if (pending.of.namespace === of.namespace) this.names.delete(name);
    this.raised.set(of.namespace, { of, asked: (this.counter += 1) });
  }
}

function idOf({ start, glob }: NamePattern): string {
  return start + glob;
}
