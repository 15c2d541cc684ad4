import type { ApiKey, ApiKeyRepository, Role } from '@app/domain';
import type { Database } from '../database.js';
import { ApiKeyEntity } from '../entities/api-key.entity.js';
import { storableText } from '../storable.js';
import { isUuid } from './uuid.js';

/** How old `lastUsedAt` may grow before a use is written: a busy key costs one write a minute. */
const LAST_USE_PRECISION_MS = 60_000;

export class PostgresApiKeyRepository implements ApiKeyRepository {
  constructor(private readonly database: Database) {}

  async create(key: {
    name: string;
    role: Role;
    projectIds: readonly string[] | null;
    hash: string;
  }): Promise<ApiKey> {
    const row = await this.database.entities((manager) =>
      manager.save(
        manager.create(ApiKeyEntity, {
          name: storableText(key.name),
          role: key.role,
          projectIds: key.projectIds === null ? null : [...key.projectIds],
          hash: key.hash,
          createdAt: this.database.clock.now(),
          lastUsedAt: null,
          revokedAt: null,
        }),
      ),
    );
    return toApiKey(row);
  }

  async findActiveByHash(hash: string): Promise<ApiKey | null> {
    const row = await this.database.entities((manager) =>
      manager
        .createQueryBuilder(ApiKeyEntity, 'key')
        .where('key.hash = :hash AND key.revokedAt IS NULL', { hash })
        .getOne(),
    );
    if (!row) return null;
    const now = this.database.clock.now();
    if (row.lastUsedAt === null || now.getTime() - row.lastUsedAt.getTime() >= LAST_USE_PRECISION_MS) {
      await this.database.entities((manager) => manager.update(ApiKeyEntity, row.id, { lastUsedAt: now }));
      row.lastUsedAt = now;
    }
    return toApiKey(row);
  }

  async list(): Promise<readonly ApiKey[]> {
    const rows = await this.database.readEntities((manager) =>
      manager.find(ApiKeyEntity, { order: { createdAt: 'ASC', id: 'ASC' } }),
    );
    return rows.map(toApiKey);
  }

  async revoke(id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    const rows = await this.database.query(
      'UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id',
      [id, this.database.clock.now()],
    );
    return rows.length > 0;
  }
}

function toApiKey(row: ApiKeyEntity): ApiKey {
  const { id, name, role, projectIds, createdAt, lastUsedAt, revokedAt } = row;
  return { id, name, role, projectIds, createdAt, lastUsedAt, revokedAt };
}
