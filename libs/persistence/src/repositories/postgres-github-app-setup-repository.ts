import type { GithubAppSetup, GithubAppSetupRepository } from '@app/domain';
import type { Database } from '../database.js';
import { GithubAppSetupEntity } from '../entities/github-app-setup.entity.js';

export class PostgresGithubAppSetupRepository implements GithubAppSetupRepository {
  constructor(private readonly database: Database) {}

  async add(setup: GithubAppSetup, forgetBefore: Date): Promise<void> {
    await this.database.query('DELETE FROM github_app_setups WHERE expires_at < $1', [forgetBefore]);
    await this.database.entities((manager) => manager.insert(GithubAppSetupEntity, { ...setup }));
  }

  findByTicket(ticketHash: string): Promise<GithubAppSetup | null> {
    return this.findOne({ ticketHash });
  }

  findByState(stateHash: string): Promise<GithubAppSetup | null> {
    return this.findOne({ stateHash });
  }

  async bind(
    id: string,
    to: { readonly browserHash: string; readonly stateHash: string; readonly expiresAt: Date },
  ): Promise<boolean> {
    const bound = await this.database.query(
      `UPDATE github_app_setups SET browser_hash = $2, state_hash = $3, expires_at = $4
       WHERE id = $1 AND browser_hash IS NULL RETURNING 1`,
      [id, to.browserHash, to.stateHash, to.expiresAt],
    );
    return bound.length > 0;
  }

  async claim(id: string, now: Date): Promise<boolean> {
    const claimed = await this.database.query(
      'UPDATE github_app_setups SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING 1',
      [id, now],
    );
    return claimed.length > 0;
  }

  async release(id: string): Promise<void> {
    await this.database.query('UPDATE github_app_setups SET used_at = NULL WHERE id = $1', [id]);
  }

  async isAnyOpen(now: Date): Promise<boolean> {
    const open = await this.database.read(
      'SELECT 1 FROM github_app_setups WHERE used_at IS NULL AND expires_at > $1 LIMIT 1',
      [now],
    );
    return open.length > 0;
  }

  private async findOne(
    where: { readonly ticketHash: string } | { readonly stateHash: string },
  ): Promise<GithubAppSetup | null> {
    const found = await this.database.entities((manager) => manager.findOneBy(GithubAppSetupEntity, where));
    return found && { ...found };
  }
}
