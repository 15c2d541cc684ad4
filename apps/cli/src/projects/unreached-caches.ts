import type { Config } from '@app/config';
import { InvalidInput } from '@app/domain';
import type { Persistence } from '@app/persistence';

/**
 * Whether processes that run may keep in their own memory what is erased here: no Redis is shared, so that nothing tells
 * them. On a database server none of them shows.
 * @throws InvalidInput when one is known to run: it hosts the embedded database
 */
export function mayLeaveCaches(
  { mode, isHost }: Pick<Persistence, 'mode' | 'isHost'>,
  { cache }: { readonly cache: Pick<Config['cache'], 'enabled' | 'backend'> },
  projectId: string,
): boolean {
  if (!cache.enabled || cache.backend !== 'memory') return false;
  if (mode === 'embedded' && !isHost) {
    throw new InvalidInput(
      `A server runs on this database and has what it knows of the project in a cache of its own, which this command ` +
        `can’t reach. Nothing was erased. Ask the server to do it, DELETE /api/v1/projects/${projectId} with an admin’s ` +
        `key, or stop it first and run this again.`,
    );
  }
  return mode === 'server';
}
