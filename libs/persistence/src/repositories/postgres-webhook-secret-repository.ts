import { ProjectNotFound, type SealedSecret, type WebhookSecretRepository } from '@app/domain';
import type { Database } from '../database.js';
import { isUuid } from './uuid.js';

const COLUMNS = `id, project_id AS "projectId", secret_sealed AS sealed, created_at AS "createdAt", expires_at AS "expiresAt"`;

export class PostgresWebhookSecretRepository implements WebhookSecretRepository {
  constructor(private readonly database: Database) {}

  async active(projectId: string, now: Date): Promise<readonly SealedSecret[]> {
    if (!isUuid(projectId)) return [];
    return this.database.query<SealedSecret>(
      `SELECT ${COLUMNS} FROM webhook_secrets
       WHERE project_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at DESC, id`,
      [projectId, now],
    );
  }

  async isAnyActive(now: Date): Promise<boolean> {
    const found = await this.database.read(
      'SELECT 1 FROM webhook_secrets WHERE expires_at IS NULL OR expires_at > $1 LIMIT 1',
      [now],
    );
    return found.length > 0;
  }

  async rotate(secret: SealedSecret, expireOthersAt: Date): Promise<void> {
    const { id, projectId, sealed, createdAt } = secret;
    if (!isUuid(projectId)) throw new ProjectNotFound(projectId);
    await this.database.transaction(async (query) => {
      const [project] = await query('SELECT id FROM projects WHERE id = $1 FOR UPDATE', [projectId]);
      if (!project) throw new ProjectNotFound(projectId);
      await query(
        `UPDATE webhook_secrets SET expires_at = $2
         WHERE project_id = $1 AND (expires_at IS NULL OR expires_at > $2)`,
        [projectId, expireOthersAt],
      );
      await query(
        `INSERT INTO webhook_secrets (id, project_id, secret_sealed, created_at) VALUES ($1, $2, $3, $4)`,
        [id, projectId, sealed, createdAt],
      );
    });
  }

  async clear(projectId: string): Promise<void> {
    if (!isUuid(projectId)) return;
    await this.database.query('DELETE FROM webhook_secrets WHERE project_id = $1', [projectId]);
  }
}
