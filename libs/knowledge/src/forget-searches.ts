import type { Cache } from '@app/domain';

/** Drops every remembered search: what is known has changed. */
export async function forgetSearches(cache: Cache): Promise<void> {
  await Promise.all(
    (['vector.search', 'vector.resolved', 'vector.recent'] as const).map((operation) =>
      cache.deleteByPattern(operation, '*'),
    ),
  );
}
