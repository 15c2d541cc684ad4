import type { LogBaseline } from '@app/domain';
import { TemplateTree, type TreeLimits } from './template-tree.js';

/** Raised whenever lines give other templates: a baseline of another version is not used. */
export const BASELINE_VERSION = 1;

export type { LogBaseline as Baseline } from '@app/domain';

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

export function treesOf(baseline: LogBaseline): BaselineTrees {
  return {
    telling: TemplateTree.fromStrings(baseline.telling, TELLING),
    ordinary: TemplateTree.fromStrings(baseline.ordinary, ORDINARY),
  };
}
