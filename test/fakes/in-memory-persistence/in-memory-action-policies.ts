import { ProjectNotFound, isAutomatic, type ActionPolicies, type ActionPolicy } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryActionPolicies implements ActionPolicies {
  constructor(private readonly store: MemoryStore) {}

  async find(projectId: string): Promise<ActionPolicy | null> {
    return copy(this.store.actionPolicies.get(projectId) ?? null);
  }

  async save(projectId: string, policy: ActionPolicy | null): Promise<void> {
    if (policy === null) {
      this.store.actionPolicies.delete(projectId);
      return;
    }
    if (!this.store.projects.has(projectId)) throw new ProjectNotFound(projectId);
    this.store.actionPolicies.set(projectId, copy(policy));
  }

  async automatic(): Promise<readonly string[]> {
    return [...this.store.actionPolicies].filter(([, policy]) => isAutomatic(policy)).map(([id]) => id);
  }
}
