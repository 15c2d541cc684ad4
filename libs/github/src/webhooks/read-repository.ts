import { InvalidInput, parseRepository, type RepositoryRef } from '@app/domain';
import { z } from 'zod';
import { repositorySchema } from './event-schema.js';

export function repositoryRef(repository: z.output<typeof repositorySchema>): RepositoryRef {
  return {
    host: new URL(repository.html_url).host,
    owner: repository.owner.login,
    name: repository.name,
  };
}

/**
 * The repository that a payload names; null when it names none that can be. Nothing is proven by it: it says whose secret a
 * signature is to be checked with.
 */
export function namedRepository(payload: unknown): RepositoryRef | null {
  const read = z.object({ repository: repositorySchema }).safeParse(payload);
  return read.success ? repositoryRef(read.data.repository) : null;
}

/** `owner/name` on a host; null for what is no repository's name. */
export function repositoryNamed(fullName: string, host: string): RepositoryRef | null {
  try {
    return parseRepository(fullName, host);
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
