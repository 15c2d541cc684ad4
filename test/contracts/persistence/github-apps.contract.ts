import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GithubAppSetup, StoredGithubApp } from '@app/domain';
import type { OpenEmpty, PersistenceUnderTest } from './fixtures.js';

const HOUR_MS = 3_600_000;

/** The GitHub App that was made from the manifest, and the set-ups that lead to one. */
export function githubAppsContract(name: string, openEmpty: OpenEmpty): void {
  describe(`GitHub Apps: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });

    const app = (changes: Partial<StoredGithubApp> = {}): StoredGithubApp => ({
      host: 'api.github.com',
      // As large as GitHub's ids may become: beyond 32 bits.
      appId: 26_000_000_001,
      slug: 'devflowfix',
      clientId: 'Iv1.a',
      url: 'https://github.com/apps/devflowfix',
      owner: null,
      privateKeySealed: 's1.k.key',
      clientSecretSealed: 's1.k.client',
      webhookSecretSealed: null,
      createdAt: store.clock.now(),
      createdBy: 'cli',
      ...changes,
    });

    const setup = (changes: Partial<GithubAppSetup> = {}): GithubAppSetup => ({
      id: randomUUID(),
      ticketHash: randomUUID(),
      browserHash: null,
      stateHash: null,
      createdBy: 'cli',
      createdAt: store.clock.now(),
      expiresAt: new Date(store.clock.now().getTime() + HOUR_MS),
      usedAt: null,
      ...changes,
    });
    const longAgo = new Date(0);
    const binding = (changes: Partial<GithubAppSetup> = {}) => ({
      browserHash: 'b',
      stateHash: randomUUID(),
      expiresAt: new Date(store.clock.now().getTime() + 2 * HOUR_MS),
      ...(changes as object),
    });

    it('is kept once an API, and the first one stays until it is removed', async () => {
      const first = app({ owner: 'octo', webhookSecretSealed: 's1.k.hook' });
      const other = app({ host: 'ghe.example.com' });
      expect(await store.githubApps.find(first.host)).toBeNull();
      const outcomes = await Promise.all([first, other].map((one) => store.githubApps.add(one)));
      expect(outcomes).toEqual([true, true]);
      expect(await store.githubApps.add(app({ slug: 'late' }))).toBe(false);
      expect(await store.githubApps.find(first.host)).toEqual(first);
      expect(await store.githubApps.remove(first.host)).toBe(true);
      expect(await store.githubApps.remove(first.host)).toBe(false);
      expect(await store.githubApps.find(first.host)).toBeNull();
      expect(await store.githubApps.find(other.host)).toEqual(other);
    });

    it('is added by one of many who try at once', async () => {
      const tries = await Promise.all(
        ['a', 'b', 'c', 'd'].map((slug) => store.githubApps.add(app({ slug }))),
      );
      expect(tries.filter(Boolean)).toHaveLength(1);
    });

    it('has a set-up that is found by its link, and by its state once a browser has it', async () => {
      const made = setup();
      await store.githubAppSetups.add(made, longAgo);
      expect(await store.githubAppSetups.findByTicket(made.ticketHash)).toEqual(made);
      expect(await store.githubAppSetups.findByTicket('another')).toBeNull();
      const to = binding();
      expect(await store.githubAppSetups.findByState(to.stateHash)).toBeNull();
      expect(await store.githubAppSetups.bind(made.id, to)).toBe(true);
      expect(await store.githubAppSetups.findByState(to.stateHash)).toEqual({ ...made, ...to });
    });

    it('has a set-up that one browser gets and that is used once, however many try', async () => {
      const made = setup();
      await store.githubAppSetups.add(made, longAgo);
      const bound = await Promise.all([1, 2, 3].map(() => store.githubAppSetups.bind(made.id, binding())));
      expect(bound.filter(Boolean)).toHaveLength(1);
      const now = store.clock.now();
      const claim = () => store.githubAppSetups.claim(made.id, now);
      expect((await Promise.all([claim(), claim(), claim()])).filter(Boolean)).toHaveLength(1);
      expect(await store.githubAppSetups.findByTicket(made.ticketHash)).toMatchObject({ usedAt: now });
      await store.githubAppSetups.release(made.id);
      expect(await claim()).toBe(true);
      expect(await store.githubAppSetups.bind(randomUUID(), binding())).toBe(false);
      expect(await store.githubAppSetups.claim(randomUUID(), now)).toBe(false);
    });

    it('tells whether a set-up is open, and forgets the old ones', async () => {
      const now = store.clock.now();
      const [open, ended] = [setup(), setup({ expiresAt: now })];
      await store.githubAppSetups.add(ended, longAgo);
      expect(await store.githubAppSetups.isAnyOpen(now)).toBe(false);
      await store.githubAppSetups.add(open, longAgo);
      expect(await store.githubAppSetups.isAnyOpen(now)).toBe(true);
      await store.githubAppSetups.claim(open.id, now);
      expect(await store.githubAppSetups.isAnyOpen(now)).toBe(false);
      await store.githubAppSetups.add(setup(), new Date(now.getTime() + 1));
      expect(await store.githubAppSetups.findByTicket(ended.ticketHash)).toBeNull();
      expect(await store.githubAppSetups.findByTicket(open.ticketHash)).not.toBeNull();
    });
  });
}
