import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Specs that take longest, in part because what they run stands in other files (contracts) or in processes. */
const LONGEST = [
  'test/contracts/persistence/postgres.spec.ts',
  'test/e2e/keeping.spec.ts',
  'test/e2e/model-trouble.spec.ts',
  'test/e2e/cli.spec.ts',
  'test/e2e/eval.spec.ts',
  'test/e2e/patterns.spec.ts',
  'test/integration/persistence/persistence.spec.ts',
  'test/integration/persistence/takeover-by-product.spec.ts',
  'test/contracts/cache.spec.ts',
  'test/contracts/job-queue-workers.spec.ts',
];

const isLong = ({ moduleId }: TestSpecification): boolean =>
  LONGEST.some((path) => moduleId.endsWith(`/${path}`));

/**
 * The runner's own order is by size of file where it remembers no earlier run, as in a fresh checkout. What takes longest
 * comes before that, so that it isn't left for the end, when the other workers have nothing to do beside it.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the runner's method, not a list's
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
