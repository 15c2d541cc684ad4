import { InvalidInput, parseRepository, repositoryName, type Project } from '@app/domain';
import type { Persistence } from '@app/persistence';

/**
 * The project that a person names.
 * @param named its id, `owner/name` or `host/owner/name`
 * @throws InvalidInput when there is none
 */
export async function findProject(
  { projects }: Pick<Persistence, 'projects'>,
  named: string,
): Promise<Project> {
  const all = await projects.list();
  const project = all.find(({ id }) => id === named.toLowerCase()) ?? all.find(hasName(named));
  if (!project) throw new InvalidInput(`No project ${named}; “projects list” shows those there are.`);
  return project;
}

function hasName(named: string): (project: Project) => boolean {
  if (!named.includes('/')) return () => false;
  const wanted = repositoryName(parseRepository(named)).toLowerCase();
  return ({ repository }) => repositoryName(repository).toLowerCase() === wanted;
}
