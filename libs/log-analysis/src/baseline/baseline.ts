import { TemplateTree, type TreeLimits } from './template-tree.js';

/** Raised whenever lines give other templates: a baseline of another version is not used. */
export const BASELINE_VERSION = 1;

/**
 * What successful runs of a job print: the templates of their lines, redacted, never the lines themselves. Plain JSON
 * of at most 256 KB, to be kept as it is.
 */
export interface Baseline {
  readonly version: number;
  /** How many runs it was made from. */
  readonly runs: number;
  /** Physical lines of all of them. */
  readonly lines: number;
  /** Templates of lines that a rule may take for a finding: warnings, expected errors, flaky complaints. */
  readonly telling: readonly string[];
  /** Templates of all others. */
  readonly ordinary: readonly string[];
}

const DIGIT = /[\d#]/;
/** Names of tests and the like: one with another number is another test. */
const IDENTITY = /::|tests?[\d_./\\:]|[_./\\]tests?|spec|[[\](){}'"`]/i;

/**
 * A finding is known only if it says the same as one of a green run: places where names of things with numbers stand
 * (`pod-7f9c`, `chunk-12.js`) may differ, words may not.
 */
export const TELLING: TreeLimits = {
  maxBytes: 140_000,
  maxPerLeaf: 200,
  similarity: 0.7,
  mayVary: (a, b) => DIGIT.test(a) && DIGIT.test(b) && !IDENTITY.test(a) && !IDENTITY.test(b),
};

/** Drain's usual similarity is 0.4–0.5; the higher one keeps lines of other jobs apart. */
export const ORDINARY: TreeLimits = {
  maxBytes: 110_000,
  maxPerLeaf: 100,
  similarity: 0.6,
  mayVary: () => true,
};

export interface BaselineTrees {
  readonly telling: TemplateTree;
  readonly ordinary: TemplateTree;
}

export function treesOf(baseline: Baseline): BaselineTrees {
  return {
    telling: TemplateTree.fromStrings(baseline.telling, TELLING),
    ordinary: TemplateTree.fromStrings(baseline.ordinary, ORDINARY),
  };
}
