import { randomUUID } from 'node:crypto';
import type { ApiKey, ApiKeyRepository, Role } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

/** How old `lastUsedAt` may grow before a use is written. */
const LAST_USE_PRECISION_MS = 60_000;

export class InMemoryApiKeyRepository implements ApiKeyRepository {
  constructor(private readonly store: MemoryStore) {}

  async create(key: {
    name: string;
    role: Role;
    projectIds: readonly string[] | null;
    hash: string;
  }): Promise<ApiKey> {
    const created = {
      id: randomUUID(),
      ...copy(key),
      createdAt: this.store.clock.now(),
      lastUsedAt: null,
      revokedAt: null,
    };
    this.store.apiKeys.set(created.id, created);
    return withoutHash(created);
  }

  async findActiveByHash(hash: string): Promise<ApiKey | null> {
    const key = [...this.store.apiKeys.values()].find((row) => row.hash === hash && row.revokedAt === null);
    if (!key) return null;
    const now = this.store.clock.now();
    if (key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() >= LAST_USE_PRECISION_MS) {
      key.lastUsedAt = now;
    }
    return withoutHash(key);
  }

  async list(): Promise<readonly ApiKey[]> {
    return [...this.store.apiKeys.values()]
      .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map(withoutHash);
  }

  async revoke(id: string): Promise<boolean> {
    const key = this.store.apiKeys.get(id);
    if (!key || key.revokedAt !== null) return false;
    key.revokedAt = this.store.clock.now();
    return true;
  }
}

function withoutHash(row: ApiKey & { hash: string }): ApiKey {
  const { id, name, role, projectIds, createdAt, lastUsedAt, revokedAt } = row;
  return copy({ id, name, role, projectIds, createdAt, lastUsedAt, revokedAt });
}
