import type {
  GithubAppRepository,
  GithubAppSetup,
  GithubAppSetupRepository,
  StoredGithubApp,
} from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryGithubAppRepository implements GithubAppRepository {
  constructor(private readonly store: MemoryStore) {}

  async find(host: string): Promise<StoredGithubApp | null> {
    return copy(this.store.githubApps.get(host) ?? null);
  }

  async add(app: StoredGithubApp): Promise<boolean> {
    if (this.store.githubApps.has(app.host)) return false;
    this.store.githubApps.set(app.host, copy(app));
    return true;
  }

  async remove(host: string): Promise<boolean> {
    return this.store.githubApps.delete(host);
  }
}

export class InMemoryGithubAppSetupRepository implements GithubAppSetupRepository {
  constructor(private readonly store: MemoryStore) {}

  async add(setup: GithubAppSetup, forgetBefore: Date): Promise<void> {
    const setups = this.store.githubAppSetups;
    for (const { id, expiresAt } of setups.values()) if (expiresAt < forgetBefore) setups.delete(id);
    setups.set(setup.id, copy(setup));
  }

  async findByTicket(ticketHash: string): Promise<GithubAppSetup | null> {
    return this.findOne((setup) => setup.ticketHash === ticketHash);
  }

  async findByState(stateHash: string): Promise<GithubAppSetup | null> {
    return this.findOne((setup) => setup.stateHash === stateHash);
  }

  async bind(
    id: string,
    to: { readonly browserHash: string; readonly stateHash: string; readonly expiresAt: Date },
  ): Promise<boolean> {
    const setup = this.store.githubAppSetups.get(id);
    if (!setup || setup.browserHash !== null) return false;
    this.store.githubAppSetups.set(id, { ...setup, ...to });
    return true;
  }

  async claim(id: string, now: Date): Promise<boolean> {
    const setup = this.store.githubAppSetups.get(id);
    if (!setup || setup.usedAt !== null) return false;
    this.store.githubAppSetups.set(id, { ...setup, usedAt: now });
    return true;
  }

  async release(id: string): Promise<void> {
    const setup = this.store.githubAppSetups.get(id);
    if (setup) this.store.githubAppSetups.set(id, { ...setup, usedAt: null });
  }

  async isAnyOpen(now: Date): Promise<boolean> {
    return this.findOne(({ usedAt, expiresAt }) => usedAt === null && expiresAt > now) !== null;
  }

  private findOne(matches: (setup: GithubAppSetup) => boolean): GithubAppSetup | null {
    return copy([...this.store.githubAppSetups.values()].find(matches) ?? null);
  }
}
