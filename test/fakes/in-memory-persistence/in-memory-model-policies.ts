import {
  DEFAULT_MODEL_POLICY,
  ProjectNotFound,
  type ModelPolicies,
  type ModelPolicy,
  type ProjectScope,
} from '@app/domain';
import type { MemoryStore } from './store.js';

export class InMemoryModelPolicies implements ModelPolicies {
  constructor(private readonly store: MemoryStore) {}

  async of(projectId: string): Promise<ModelPolicy> {
    return this.store.modelPolicies.get(projectId) ?? DEFAULT_MODEL_POLICY;
  }

  async allowOutside(projectIds: ProjectScope): Promise<boolean> {
    return [...this.store.modelPolicies].every(
      ([id, { allowsOutsideModel }]) =>
        allowsOutsideModel || (projectIds !== null && !projectIds.includes(id)),
    );
  }

  async set(projectId: string, policy: ModelPolicy): Promise<void> {
    if (![...this.store.projects.values()].some(({ id }) => id === projectId)) {
      throw new ProjectNotFound(projectId);
    }
    this.store.modelPolicies.set(projectId, { ...policy });
  }
}
