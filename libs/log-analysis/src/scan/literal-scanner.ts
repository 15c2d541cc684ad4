/**
 * Finds many short literals in one pass over bytes: an Aho-Corasick automaton flattened to one table, ASCII letters
 * folded, so that a line costs the same whatever the number of rules. Every rule of this library names literals that
 * must stand in a line before its regular expression is tried: lines without any are never even turned into strings.
 */
export class LiteralScanner {
  readonly literals: readonly string[];
  /** Byte → column of the table. */
  readonly columns: Uint8Array;
  readonly width: number;
  /** State (pre-multiplied by `width`) + column → next state. */
  readonly table: Int32Array;
  /** States from here on complete at least one literal. */
  readonly firstAccepting: number;
  private readonly outputs: Int32Array[];

  /** @param literals matched without regard to ASCII case; the index of a literal is its id. */
  constructor(literals: readonly string[]) {
    this.literals = literals;
    const words = literals.map((literal) => Buffer.from(literal.toLowerCase(), 'utf8'));
    this.columns = new Uint8Array(256);
    let width = 1;
    for (const word of words) {
      for (const byte of word) {
        if (this.columns[byte] === 0) {
          this.columns[byte] = width;
          width += 1;
        }
      }
    }
    for (let upper = 65; upper <= 90; upper += 1) this.columns[upper] = this.columns[upper + 32] ?? 0;
    this.width = width;
    const trie = buildTrie(words, this.columns, width);
    const order = acceptingLast(trie.outputs);
    this.firstAccepting = order.firstAccepting * width;
    this.table = new Int32Array(trie.next.length * width);
    this.outputs = [];
    trie.next.forEach((row, state) => {
      const place = (order.place[state] ?? 0) * width;
      for (let column = 0; column < width; column += 1) {
        this.table[place + column] = (order.place[row[column] ?? 0] ?? 0) * width;
      }
    });
    trie.outputs.forEach((ids, state) => {
      this.outputs[order.place[state] ?? 0] = Int32Array.from(ids);
    });
  }

  /** Ids of the literals that end in an accepting state. */
  outputOf(state: number): Int32Array {
    return this.outputs[state / this.width] ?? NONE;
  }

  /** Adds the id of every literal in `bytes[start, end)` to `found`. */
  scan(bytes: Uint8Array, start: number, end: number, found: HitSet): void {
    const { table, columns, firstAccepting } = this;
    let state = 0;
    for (let i = start; i < end; i += 1) {
      state = table[state + columns[bytes[i]!]!]!;
      if (state >= firstAccepting) found.addAll(this.outputOf(state));
    }
  }
}

const NONE = new Int32Array(0);

/** A reusable set of literal ids; clearing it costs nothing. */
export class HitSet {
  readonly ids: Int32Array;
  size = 0;
  private readonly stamps: Int32Array;
  private stamp = 1;

  constructor(capacity: number) {
    this.ids = new Int32Array(capacity);
    this.stamps = new Int32Array(capacity);
  }

  addAll(ids: Int32Array): void {
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids[i]!;
      if (this.stamps[id] === this.stamp) continue;
      this.stamps[id] = this.stamp;
      this.ids[this.size] = id;
      this.size += 1;
    }
  }

  has(id: number): boolean {
    return this.stamps[id] === this.stamp;
  }

  clear(): void {
    this.size = 0;
    this.stamp += 1;
  }
}

function buildTrie(words: readonly Uint8Array[], columns: Uint8Array, width: number) {
  const next: Int32Array[] = [new Int32Array(width)];
  const outputs: number[][] = [[]];
  words.forEach((word, id) => {
    let state = 0;
    for (const byte of word) {
      const column = columns[byte] ?? 0;
      let to = next[state]![column]!;
      if (to === 0) {
        to = next.length;
        next.push(new Int32Array(width));
        outputs.push([]);
        next[state]![column] = to;
      }
      state = to;
    }
    outputs[state]!.push(id);
  });
  // breadth first: a missing edge becomes the edge of the longest proper suffix that is also a prefix
  const fail = new Int32Array(next.length);
  const queue: number[] = [];
  for (let column = 0; column < width; column += 1) {
    const child = next[0]![column]!;
    if (child !== 0) queue.push(child);
  }
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head]!;
    const suffix = fail[state]!;
    outputs[state]!.push(...outputs[suffix]!);
    for (let column = 0; column < width; column += 1) {
      const child = next[state]![column]!;
      if (child === 0) next[state]![column] = next[suffix]![column]!;
      else {
        fail[child] = next[suffix]![column]!;
        queue.push(child);
      }
    }
  }
  return { next, outputs };
}

function acceptingLast(outputs: readonly (readonly number[])[]) {
  const place = new Int32Array(outputs.length);
  let at = 0;
  outputs.forEach((ids, state) => {
    if (ids.length === 0) place[state] = at++;
  });
  const firstAccepting = at;
  outputs.forEach((ids, state) => {
    if (ids.length > 0) place[state] = at++;
  });
  return { place, firstAccepting };
}
