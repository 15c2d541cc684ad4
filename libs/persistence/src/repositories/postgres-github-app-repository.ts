import type { GithubAppRepository, StoredGithubApp } from '@app/domain';
import type { Database } from '../database.js';
import { GithubAppEntity } from '../entities/github-app.entity.js';

export class PostgresGithubAppRepository implements GithubAppRepository {
  constructor(private readonly database: Database) {}

  async find(host: string): Promise<StoredGithubApp | null> {
    const found = await this.database.readEntities((manager) => manager.findOneBy(GithubAppEntity, { host }));
    return found && { ...found };
  }

  async add(app: StoredGithubApp): Promise<boolean> {
    const added = await this.database.query(
      `INSERT INTO github_apps (host, app_id, slug, client_id, url, owner, private_key_sealed, client_secret_sealed,
         webhook_secret_sealed, created_at, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (host) DO NOTHING RETURNING 1`,
      [
        app.host,
        app.appId,
        app.slug,
        app.clientId,
        app.url,
        app.owner,
        app.privateKeySealed,
        app.clientSecretSealed,
        app.webhookSecretSealed,
        app.createdAt,
        app.createdBy,
      ],
    );
    return added.length > 0;
  }

  async remove(host: string): Promise<boolean> {
    const removed = await this.database.query('DELETE FROM github_apps WHERE host = $1 RETURNING 1', [host]);
    return removed.length > 0;
  }
}
