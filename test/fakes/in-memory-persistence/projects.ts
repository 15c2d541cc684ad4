import { randomUUID } from 'node:crypto';
import type { Project, RepositoryRef } from '@app/domain';
import type { MemoryStore } from './store.js';

export function ensureProject(store: MemoryStore, repository: RepositoryRef): Project {
  const known = findProject(store, repository);
  if (known) return known;
  const project: Project = {
    id: randomUUID(),
    repository: { ...repository },
    createdAt: store.clock.now(),
    installationId: null,
    connectedAt: null,
    disconnectedAt: null,
    seenUntil: null,
  };
  store.projects.set(project.id, project);
  return project;
}

/** From now on, unless it is connected already. */
export function connectProject(store: MemoryStore, id: string): void {
  const project = store.projects.get(id)!;
  store.projects.set(id, { ...project, connectedAt: project.connectedAt ?? store.clock.now() });
}

export function findProject(store: MemoryStore, repository: RepositoryRef): Project | null {
  const key = repositoryKey(repository);
  return [...store.projects.values()].find((project) => repositoryKey(project.repository) === key) ?? null;
}

function repositoryKey({ host, owner, name }: RepositoryRef): string {
  return `${host}/${owner}/${name}`.toLowerCase();
}
