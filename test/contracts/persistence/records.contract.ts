import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  isConnected,
  type DeliveryMeaning,
  type FailedJobRecord,
  type InstallationReport,
} from '@app/domain';
import {
  NOBODY,
  REPOSITORY,
  delivery,
  failedJob,
  openOne,
  usageEntry,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const costs = (shares: readonly { key: string | null; costUsd: number; calls: number }[]) =>
  shares.map(({ key, costUsd, calls }) => [key, costUsd, calls]);

/** A job that failed at a minute past noon. */
function failedJobRecord(jobId: string, minute: number, error = 'boom'): FailedJobRecord {
  return {
    jobId,
    name: 'diagnose-incident',
    subject: NOBODY,
    error,
    attempts: 6,
    failedAt: new Date(Date.UTC(2026, 10, 20, 12, minute)),
  };
}

function installed(installation: InstallationReport): DeliveryMeaning {
  return { kind: 'installation', installation };
}

async function connectedOf({ projects }: PersistenceUnderTest): Promise<string[]> {
  return (await projects.list()).filter(isConnected).map(({ repository }) => repository.name);
}

/** Projects, keys, failed jobs and spending. */
export function recordsContract(name: string, openEmpty: OpenEmpty): void {
  describe(`records: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });

    describe('projects', () => {
      const repository = { host: 'github.com', owner: 'Acme', name: 'App' };

      it('are made once a repository, however it is spelled and however many ask', async () => {
        const made = await Promise.all(
          ['App', 'APP', 'app', 'aPP'].map((spelled) =>
            store.projects.ensure({ ...repository, name: spelled }),
          ),
        );
        expect(new Set(made.map(({ id }) => id)).size).toBe(1);
        expect(made[0]).toMatchObject({ createdAt: store.clock.now() });
        expect(await store.projects.find(made[0]!.id)).toEqual(made[0]);
        expect(await store.projects.list()).toEqual([made[0]]);
      });

      it('are listed by name, and not found by ids that nothing has', async () => {
        for (const projectName of ['zeta', 'Beta', 'alpha'])
          await store.projects.ensure({ ...repository, name: projectName });
        const listed = await store.projects.list();
        expect(listed.map((project) => project.repository.name)).toEqual(['alpha', 'Beta', 'zeta']);
        expect(await store.projects.find(NOBODY)).toBeNull();
        expect(await store.projects.find('nonsense')).toBeNull();
      });
    });

    describe('connected projects', () => {
      const other = { ...REPOSITORY, name: 'other' };
      const job = { kind: 'failed_job' as const, job: failedJob() };

      it('are those that were added, or that a delivery tells of; not those of a log that was handed in', async () => {
        await store.incidents.open([failedJob({ source: 'manual' })]);
        expect(await store.projects.list()).toMatchObject([{ connectedAt: null, disconnectedAt: null }]);
        expect(await connectedOf(store)).toEqual([]);

        const since = store.clock.now();
        await store.deliveries.record(delivery('d-1', job));
        expect(await store.projects.list()).toMatchObject([{ connectedAt: since }]);
        store.clock.advance(1_000);
        await store.deliveries.record(delivery('d-2', job));
        expect((await store.projects.ensure(REPOSITORY)).connectedAt).toEqual(since);

        await store.incidents.open([failedJob({ source: 'manual', repository: other })]);
        expect(await connectedOf(store)).toEqual([REPOSITORY.name]);
        await store.projects.ensure(other);
        expect(await connectedOf(store)).toEqual([REPOSITORY.name, other.name]);
      });

      it('are those that an App was given, until it loses them', async () => {
        await store.incidents.open([failedJob({ source: 'manual' })]);
        const told = { installationId: 5, connected: [REPOSITORY], disconnected: [], wholeIsConnected: null };
        await store.deliveries.record(delivery('i-1', installed(told), { repository: null }));
        expect(await connectedOf(store)).toEqual([REPOSITORY.name]);
        const lost = { ...told, connected: [], disconnected: [REPOSITORY] };
        await store.deliveries.record(delivery('i-2', installed(lost), { repository: null }));
        expect(await connectedOf(store)).toEqual([]);
      });

      it('are not those whose secret a delivery didn’t have', async () => {
        await store.incidents.open([failedJob({ source: 'manual' })]);
        const [project] = await store.projects.list();
        const now = store.clock.now();
        const secret = {
          id: randomUUID(),
          projectId: project!.id,
          sealed: 's',
          createdAt: now,
          expiresAt: null,
        };
        await store.webhookSecrets.rotate(secret, now);
        const recorded = await store.deliveries.record(delivery('d-1', job), { isShared: true });
        expect(recorded.refused).toBe(true);
        expect(await connectedOf(store)).toEqual([]);
      });
    });

    describe('webhook secrets', () => {
      it('hold until they end, of any project', async () => {
        const now = store.clock.now();
        const later = new Date(now.getTime() + 1);
        const { id: projectId } = await store.projects.ensure({ host: 'github.com', owner: 'A', name: 'b' });
        expect(await store.webhookSecrets.isAnyActive(now)).toBe(false);
        const secret = { id: randomUUID(), projectId, sealed: 's', createdAt: now, expiresAt: null };
        await store.webhookSecrets.rotate(secret, now);
        expect(await store.webhookSecrets.isAnyActive(now)).toBe(true);
        expect(await store.webhookSecrets.active(projectId, now)).toEqual([secret]);
        await store.webhookSecrets.rotate({ ...secret, id: randomUUID(), createdAt: later }, later);
        const [newest, before] = await store.webhookSecrets.active(projectId, now);
        expect([newest!.expiresAt, before]).toEqual([null, { ...secret, expiresAt: later }]);
        await store.webhookSecrets.clear(projectId);
        expect(await store.webhookSecrets.isAnyActive(now)).toBe(false);
      });
    });

    describe('API keys', () => {
      const key = { name: 'ci', role: 'operator' as const, projectIds: null, hash: 'a'.repeat(64) };

      it('are found by their hash while they are active', async () => {
        const made = await store.apiKeys.create(key);
        expect(made).toEqual({
          id: expect.any(String) as string,
          name: 'ci',
          role: 'operator',
          projectIds: null,
          createdAt: store.clock.now(),
          lastUsedAt: null,
          revokedAt: null,
        });
        expect((await store.apiKeys.findActiveByHash(key.hash))?.id).toBe(made.id);
        expect(await store.apiKeys.findActiveByHash('b'.repeat(64))).toBeNull();
        expect(await store.apiKeys.revoke(made.id)).toBe(true);
        expect(await store.apiKeys.revoke(made.id)).toBe(false);
        expect(await store.apiKeys.revoke('nonsense')).toBe(false);
        expect(await store.apiKeys.findActiveByHash(key.hash)).toBeNull();
        expect(await store.apiKeys.list()).toMatchObject([{ id: made.id, revokedAt: store.clock.now() }]);
      });

      it('remember when they were last used, to the minute', async () => {
        await store.apiKeys.create(key);
        const first = store.clock.advance(1_000);
        expect((await store.apiKeys.findActiveByHash(key.hash))?.lastUsedAt).toEqual(first);
        store.clock.advance(59_999);
        expect((await store.apiKeys.findActiveByHash(key.hash))?.lastUsedAt).toEqual(first);
        const second = store.clock.advance(1);
        expect((await store.apiKeys.findActiveByHash(key.hash))?.lastUsedAt).toEqual(second);
        expect(await store.apiKeys.list()).toMatchObject([{ lastUsedAt: second }]);
      });

      it('keep which projects they are for, and are listed in the order they were made', async () => {
        await store.apiKeys.create({ ...key, name: 'z', projectIds: [NOBODY] });
        store.clock.advance(1);
        await store.apiKeys.create({ ...key, name: 'a', projectIds: [], hash: 'b'.repeat(64) });
        expect(
          (await store.apiKeys.list()).map(({ name: label, projectIds }) => [label, projectIds]),
        ).toEqual([
          ['z', [NOBODY]],
          ['a', []],
        ]);
      });
    });

    describe('failed jobs', () => {
      it('are listed newest first, each job once', async () => {
        await store.failedJobs.record(failedJobRecord('one', 1));
        await store.failedJobs.record(failedJobRecord('two', 2));
        await store.failedJobs.record(failedJobRecord('one', 3, 'zero \0'));
        const listed = await store.failedJobs.list(10);
        expect(listed.map(({ jobId }) => jobId)).toEqual(['one', 'two']);
        expect(listed[1]).toEqual(failedJobRecord('two', 2));
        expect(listed[0]!.error).toContain('zero');
        expect(await store.failedJobs.list(1)).toHaveLength(1);
      });
    });

    describe('the usage ledger', () => {
      it('adds up what an incident cost, to the fraction of a cent', async () => {
        const { incidentId } = await openOne(store);
        await store.usage.record(usageEntry({ incidentId }));
        await store.usage.record(usageEntry({ incidentId, costUsd: 1.5, attempt: 2 }));
        await store.usage.record(
          usageEntry({ incidentId, outcome: 'cached', costUsd: 0, inputTokens: 0, outputTokens: 0 }),
        );
        await store.usage.record(
          usageEntry({ incidentId, outcome: 'failed', costUsd: 0, error: 'HTTP 500 \0' }),
        );
        await store.usage.record(usageEntry({ costUsd: 9 }));
        expect(await store.usage.ofIncident(incidentId)).toEqual({
          calls: 4,
          cached: 1,
          inputTokens: 3_000,
          outputTokens: 150,
          costUsd: 1.500_000_15,
        });
      });

      it('adds up what a time cost by day, month, project and operation, of whom one may see', async () => {
        const { projectId } = await openOne(store);
        const record = (at: string, changes: Parameters<typeof usageEntry>[0]) =>
          store.usage.record(usageEntry({ at: new Date(at), costUsd: 1, ...changes }));
        await record('2026-10-31T23:59:59.999Z', { projectId });
        await record('2026-11-01T00:00:00.000Z', { projectId, operation: 'solution' });
        await record('2026-11-01T23:30:00.000Z', { projectId, outcome: 'failed', costUsd: 0.5 });
        await record('2026-11-02T01:00:00.000Z', { outcome: 'cached', costUsd: 0, operation: 'embed' });
        await record('2026-11-02T02:00:00.000Z', { projectId, outcome: 'fallback', costUsd: 0 });
        await record('2026-11-03T00:00:00.000Z', { projectId });
        const time = { from: new Date('2026-10-31T12:00:00Z'), to: new Date('2026-11-03T00:00:00Z') };

        const all = await store.usage.costs(time);
        expect(all.total).toEqual({
          calls: 3,
          cached: 1,
          fallbacks: 1,
          inputTokens: 5_000,
          outputTokens: 250,
          costUsd: 2.5,
        });
        expect(costs(all.byDay)).toEqual([
          ['2026-10-31', 1, 1],
          ['2026-11-01', 1.5, 2],
          ['2026-11-02', 0, 0],
        ]);
        expect(costs(all.byMonth)).toEqual([
          ['2026-10', 1, 1],
          ['2026-11', 1.5, 2],
        ]);
        expect(costs(all.byProject)).toEqual([
          [null, 0, 0],
          [projectId, 2.5, 3],
        ]);
        expect(costs(all.byOperation)).toEqual([
          ['classify', 1.5, 2],
          ['embed', 0, 0],
          ['solution', 1, 1],
        ]);

        const own = await store.usage.costs({ ...time, projectIds: [projectId] });
        expect(own.total).toMatchObject({ calls: 3, cached: 0 });
        expect(costs(own.byProject)).toEqual([[projectId, 2.5, 3]]);
        const nobody = await store.usage.costs({ ...time, projectIds: [] });
        expect(nobody).toMatchObject({ total: { calls: 0, costUsd: 0 }, byDay: [], byProject: [] });
      });

      it('is empty for an incident without calls', async () => {
        const nothing = { calls: 0, cached: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
        expect(await store.usage.ofIncident(NOBODY)).toEqual(nothing);
        expect(await store.usage.ofIncident('nonsense')).toEqual(nothing);
      });
    });
  });
}
