import type { InstallationReport } from '@app/domain';
import { connectProject, ensureProject, findProject } from './projects.js';
import type { MemoryStore } from './store.js';

/** Which repositories a GitHub App has. */
export function noteInstallation(store: MemoryStore, told: InstallationReport): void {
  const now = store.clock.now();
  const connect = (id: string, isConnected: boolean): void => {
    const project = store.projects.get(id)!;
    const disconnectedAt = isConnected ? null : (project.disconnectedAt ?? now);
    store.projects.set(id, { ...project, disconnectedAt });
  };
  for (const repository of told.connected) {
    const { id } = ensureProject(store, repository);
    store.projects.set(id, { ...store.projects.get(id)!, installationId: told.installationId });
    connect(id, true);
    connectProject(store, id);
  }
  for (const repository of told.disconnected) {
    const project = findProject(store, repository);
    if (project) connect(project.id, false);
  }
  if (told.wholeIsConnected === null) return;
  for (const project of store.projects.values())
    if (project.installationId === told.installationId) connect(project.id, told.wholeIsConnected);
}
