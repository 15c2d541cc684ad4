import type { CacheOperation } from '@app/domain';

/** A defect of the caller's: an entry that belongs to somebody would have been everybody's. */
export class UnscopedCacheKey extends Error {
  constructor(operation: CacheOperation) {
    super(`A key of ${operation} must say whose its value is: its \`scope\` is missing or empty.`);
    this.name = 'UnscopedCacheKey';
  }
}
