import { ProjectNotFound, type SealedSecret, type WebhookSecretRepository } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryWebhookSecretRepository implements WebhookSecretRepository {
  constructor(private readonly store: MemoryStore) {}

  async active(projectId: string, now: Date): Promise<readonly SealedSecret[]> {
    return copy(
      this.store.webhookSecrets
        .filter(
          (secret) => secret.projectId === projectId && (secret.expiresAt === null || secret.expiresAt > now),
        )
        .toReversed(),
    );
  }

  async isAnyActive(now: Date): Promise<boolean> {
    return this.store.webhookSecrets.some(({ expiresAt }) => expiresAt === null || expiresAt > now);
  }

  async rotate(secret: SealedSecret, expireOthersAt: Date): Promise<void> {
    if (!this.store.projects.has(secret.projectId)) throw new ProjectNotFound(secret.projectId);
    for (const known of this.store.webhookSecrets) {
      if (known.projectId !== secret.projectId) continue;
      if (known.expiresAt === null || known.expiresAt > expireOthersAt) known.expiresAt = expireOthersAt;
    }
    this.store.webhookSecrets.push(copy(secret));
  }

  async clear(projectId: string): Promise<void> {
    const kept = this.store.webhookSecrets.filter((secret) => secret.projectId !== projectId);
    this.store.webhookSecrets.splice(0, Infinity, ...kept);
  }
}
