import { CACHE_OPERATIONS, GITHUB_HOST, type Cache, type RepositoryRef } from '@app/domain';

const OF_REPOSITORY = CACHE_OPERATIONS.filter((operation) => operation.startsWith('github.'));

/** Drops everything that GitHub told of a repository; how many entries. */
export async function dropRepository(cache: Cache, repository: RepositoryRef): Promise<number> {
  const scope = scopeOf(repository);
  const dropped = await Promise.all(
    OF_REPOSITORY.flatMap((operation) => [
      cache.deleteByPattern(operation, scope),
      cache.deleteByPattern(operation, `${scope}:*`),
    ]),
  );
  return dropped.reduce((sum, count) => sum + count, 0);
}

/** As the keys of what GitHub told begin: `{owner}:{repo}`, after the host where it is another than github.com. */
function scopeOf({ host, owner, name }: RepositoryRef): string {
  const place = host === GITHUB_HOST ? [] : [host.replaceAll(':', '_')];
  return [...place, owner, name].join(':').toLowerCase();
}
