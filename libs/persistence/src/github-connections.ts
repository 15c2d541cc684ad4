import type { StoredGithubApp } from '@app/domain';
import type { DataSource } from 'typeorm';
import { GithubAppEntity } from './entities/github-app.entity.js';

/** What a database says of the product's ways to GitHub. */
export interface GithubConnections {
  readonly apps: readonly StoredGithubApp[];
  /** Projects with a webhook secret of their own that holds. */
  readonly projectsWithSecret: number;
  /** The connected repository that was looked at last, `owner/name`; null: there is none. */
  readonly latestRepository: string | null;
}

/** Null where the schema is older than that. */
export async function githubConnectionsOf(
  dataSource: DataSource,
  now: Date,
): Promise<GithubConnections | null> {
  const newest = await dataSource.query<unknown[]>(
    `SELECT FROM pg_attribute WHERE attrelid = to_regclass('projects') AND attname = 'connected_at'`,
  );
  if (newest.length === 0) return null;
  const [row] = await dataSource.query<{ secrets: number; latest: string | null }[]>(
    `SELECT (SELECT count(DISTINCT project_id)::integer FROM webhook_secrets
             WHERE expires_at IS NULL OR expires_at > $1) AS secrets,
            (SELECT owner || '/' || name FROM projects WHERE connected_at IS NOT NULL AND disconnected_at IS NULL
             ORDER BY seen_until DESC NULLS LAST, created_at DESC LIMIT 1) AS latest`,
    [now],
  );
  const apps = await dataSource.manager.find(GithubAppEntity);
  return {
    apps: apps.map((app) => ({ ...app })),
    projectsWithSecret: row!.secrets,
    latestRepository: row!.latest,
  };
}
