import { ExternalFailure } from '@app/domain';
import { ReconcileRuns } from '@app/pipeline';
import { describe, expect, it } from 'vitest';
import { jobDelivery, pipelineWorld } from '../../../test/support/pipeline-world.js';

function reconciling() {
  const world = pipelineWorld();
  const { store, ci, ingest, clock, log } = world;
  const missed = { identity: async () => 'token' as const, redeliverFailed: async () => 0 };
  const limits = { projects: 10, runs: 100 };
  return { ...world, reconcile: new ReconcileRuns(store, ci, missed, ingest, { clock, log, limits }) };
}

/** Looks twice at a repository that has so many runs, each begun so long before the next. */
const looking = async (runs: number, msApart: number) => {
  const world = reconciling();
  await world.store.projects.ensure({ host: 'github.com', owner: 'acme', name: 'widgets' });
  for (let id = 1; id <= runs; id++) {
    const createdAt = new Date(world.clock.now().getTime() - 60_000 - id * msApart);
    const jobs = [{ id: id * 10, name: 'build' }];
    world.ci.addRun({ repository: 'acme/widgets', id, attempt: 1, createdAt, jobs });
  }
  const found = [await world.reconcile.run(), await world.reconcile.run()];
  return { found, said: world.log.entries.map(({ event }) => event) };
};

describe('ReconcileRuns', () => {
  it('takes in equal runs of two projects, and each of them once', async () => {
    const { store, ci, reconcile } = reconciling();
    for (const name of ['widgets', 'other']) {
      await store.projects.ensure({ host: 'github.com', owner: 'acme', name });
      ci.addRun({ repository: `acme/${name}`, id: 5, attempt: 1, jobs: [{ id: 50, name: 'build' }] });
    }
    expect(await reconcile.run()).toBe(2);
    expect(await reconcile.run()).toBe(0);
    const { items } = await store.deliveries.list({}, 10, null);
    expect(new Set(items.map(({ projectId }) => projectId)).size).toBe(2);
  });

  describe('of more runs than a list holds', () => {
    it('takes in all, and each of them once', async () => {
      const { found, said } = await looking(250, 1_000);
      expect(found).toEqual([250, 0]);
      expect(said).not.toContain('reconciliation_saw_newest_only');
    });

    it('says so where it can’t: as many began at one moment', async () => {
      const { found, said } = await looking(101, 0);
      expect(found).toEqual([100, 0]);
      expect(said).toContain('reconciliation_saw_newest_only');
    });
  });

  it('gives what it finds an id that no webhook can take', async () => {
    const { store, ci, ingest, reconcile } = reconciling();
    const other = { host: 'github.com', owner: 'acme', name: 'other' };
    await store.projects.ensure({ ...other, name: 'widgets' });
    ci.addRun({ repository: 'acme/widgets', id: 5, attempt: 1, jobs: [{ id: 50, name: 'build' }] });
    await ingest.run({ ...jobDelivery({ repository: other }, 'reconciled-5-1'), repository: other });

    await reconcile.run();
    const { items } = await store.deliveries.list({}, 10, null);
    const found = items.find(({ repository }) => repository?.name === 'widgets');
    // What WebhooksController takes as X-GitHub-Delivery.
    expect(found?.id).not.toMatch(/^[\w-]{1,100}$/);
    expect(found?.id).toMatch(/^[\w.-]{1,100}$/);
  });

  it('finds lost reruns of old runs that still have open failures, a few a round', async () => {
    const { store, ci, ingest, clock, reconcile } = reconciling();
    const repository = { host: 'github.com', owner: 'acme', name: 'widgets' };
    const rerun = (id: number, attempt: number) =>
      ci.addRun({
        repository: 'acme/widgets',
        id,
        attempt,
        createdAt: new Date(clock.now().getTime() - 5 * 86_400_000),
        conclusion: 'failure',
        jobs: [{ id: id * 10 + attempt, name: 'build' }],
      });
    for (let id = 1; id <= 7; id++) {
      rerun(id, 1);
      await ingest.run(jobDelivery({ repository, runId: id, attempt: 1 }, `run-${id}`));
    }
    await reconcile.run();
    await reconcile.run();
    for (let id = 1; id <= 7; id++) rerun(id, 2);
    const asked = ci.calls.getRun;
    const found = [await reconcile.run(), await reconcile.run()];
    expect(found.toSorted()).toEqual([2, 5]);
    expect(ci.calls.getRun - asked).toBe(7);
    expect(
      await store.deliveries.find(`reconciled.${(await store.projects.list())[0]!.id}.7.2`),
    ).not.toBeNull();
  });

  it('says what of a repository can’t be read before it is connected: itself, or its runs', async () => {
    const { ci, reconcile } = reconciling();
    const repository = { host: 'github.com', owner: 'acme', name: 'nowhere' };
    await expect(reconcile.assertReadable(repository)).rejects.toMatchObject({ code: 'github_not_found' });
    ci.repository('acme/nowhere');
    await reconcile.assertReadable(repository);
    const forbidden = new ExternalFailure('No.', { code: 'github_forbidden', retryable: false });
    ci.fail('listRuns', forbidden);
    await expect(reconcile.assertReadable(repository)).rejects.toBe(forbidden);
  });

  it('asks about connected projects, and about no repository whose log somebody handed in', async () => {
    const { store, ci, submit, reconcile } = reconciling();
    const repository = { host: 'github.com', owner: 'facebook', name: 'react' };
    ci.addRun({ repository: 'facebook/react', id: 7, jobs: [{ id: 71, name: 'build' }] });
    const content = Buffer.from('error TS2345: no\n');
    await submit.run({ repository, jobName: 'build', workflowName: null, branch: null, content });
    expect(await reconcile.run()).toBe(0);
    expect(ci.calls.listRuns).toBe(0);

    await store.projects.ensure(repository);
    expect(await reconcile.run()).toBe(1);
    expect(ci.calls.listRuns).toBe(1);
  });
});
