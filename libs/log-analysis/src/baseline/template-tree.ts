/** What a wildcard of a template is written as. */
export const WILDCARD = '<*>';

export interface TreeLimits {
  /** Bytes of all templates as JSON strings. */
  readonly maxBytes: number;
  /** Templates that begin alike: the most that one line is compared with. */
  readonly maxPerLeaf: number;
  /** Share of equal words from which two lines are one template. */
  readonly similarity: number;
  /** Whether two different words at one place may become a wildcard. */
  readonly mayVary: (a: string, b: string) => boolean;
}

/**
 * Templates of log lines in the manner of Drain (He et al., ICWS 2017): a tree of fixed depth, by the number of words
 * and the first two of them, and in each leaf the templates, of which the most similar takes the line. A place where
 * its lines differ becomes a wildcard. Bounded: what no longer fits is left out; the same lines in the same order
 * always give the same templates.
 */
export class TemplateTree {
  private readonly leaves = new Map<string, string[][]>();
  private bytes = 0;

  constructor(private readonly limits: TreeLimits) {}

  add(tokens: readonly string[]): void {
    if (tokens.length === 0) return;
    const key = leafOf(tokens);
    const leaf = this.leaves.get(key);
    const nearest = leaf ? this.nearest(leaf, tokens) : null;
    if (nearest) {
      const merged = nearest.map((word, i) => (word === tokens[i] ? word : WILDCARD));
      const growth = sizeOf(merged) - sizeOf(nearest);
      if (this.bytes + growth > this.limits.maxBytes) return;
      merged.forEach((word, i) => (nearest[i] = word));
      this.bytes += growth;
      return;
    }
    const size = sizeOf(tokens);
    if (this.bytes + size > this.limits.maxBytes) return;
    if (!leaf) this.leaves.set(key, [[...tokens]]);
    else if (leaf.length < this.limits.maxPerLeaf) leaf.push([...tokens]);
    else return;
    this.bytes += size;
  }

  /** Whether a template stands for this line. */
  matches(tokens: readonly string[]): boolean {
    const leaf = this.leaves.get(leafOf(tokens));
    return (
      leaf?.some((template) => template.every((word, i) => word === WILDCARD || word === tokens[i])) ?? false
    );
  }

  /** One string a template, in the order of their first lines. */
  toStrings(): string[] {
    return [...this.leaves.values()].flat().map((template) => template.join(' '));
  }

  static fromStrings(templates: readonly string[], limits: TreeLimits): TemplateTree {
    const tree = new TemplateTree(limits);
    for (const template of templates) {
      const words = template.split(' ');
      const key = leafOf(words);
      const leaf = tree.leaves.get(key);
      if (leaf) leaf.push(words);
      else tree.leaves.set(key, [words]);
    }
    return tree;
  }

  /** The template that takes the line: itself if it is there, otherwise the most similar, the first of equals. */
  private nearest(leaf: readonly string[][], tokens: readonly string[]): string[] | null {
    const { similarity, mayVary } = this.limits;
    let best: string[] | null = null;
    let most = Math.ceil(similarity * tokens.length) - 1;
    for (const template of leaf) {
      let equal = 0;
      let open = true;
      for (let i = 0; open && i < tokens.length; i += 1) {
        const word = template[i]!;
        if (word === tokens[i] || word === WILDCARD) equal += word === WILDCARD ? 0.5 : 1;
        else open = mayVary(word, tokens[i]!);
      }
      if (open && equal > most) {
        most = equal;
        best = template;
      }
    }
    return best;
  }
}

/** Words that hold a digit vary: they are no way down the tree. */
function leafOf(tokens: readonly string[]): string {
  return `${tokens.length} ${stepOf(tokens[0])} ${stepOf(tokens[1])}`;
}

function stepOf(token: string | undefined): string {
  return token === undefined || /[\d#]|^<\*>$/.test(token) ? WILDCARD : token;
}

/** Bytes as one string of a JSON array. */
function sizeOf(tokens: readonly string[]): number {
  return Buffer.byteLength(JSON.stringify(tokens.join(' '))) + 1;
}
