import type { Project, ProjectRepository, RepositoryRef } from '@app/domain';
import { connectProject, ensureProject, findProject } from './projects.js';
import { copy, type MemoryStore } from './store.js';

export class InMemoryProjectRepository implements ProjectRepository {
  constructor(private readonly store: MemoryStore) {}

  async find(id: string): Promise<Project | null> {
    return copy(this.store.projects.get(id) ?? null);
  }

  async ensure(repository: RepositoryRef): Promise<Project> {
    const { id } = ensureProject(this.store, repository);
    connectProject(this.store, id);
    return copy(this.store.projects.get(id)!);
  }

  async findByRepository(repository: RepositoryRef): Promise<Project | null> {
    return copy(findProject(this.store, repository));
  }

  async markSeen(id: string, until: Date): Promise<void> {
    const project = this.store.projects.get(id);
    if (project && (project.seenUntil === null || project.seenUntil < until))
      this.store.projects.set(id, { ...project, seenUntil: until });
  }

  async list(): Promise<readonly Project[]> {
    return copy([...this.store.projects.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)));
  }
}

function nameOf({ repository: { host, owner, name } }: Project): string {
  return `${host}\n${owner}\n${name}`.toLowerCase();
}
