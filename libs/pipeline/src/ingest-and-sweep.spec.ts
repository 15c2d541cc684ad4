import { ExternalFailure, UnreadableLog, type Delivery, type Job } from '@app/domain';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import {
  failedJob,
  jobDelivery,
  pipelineWorld,
  runDelivery,
  typescriptLog,
} from '../../../test/support/pipeline-world.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function runJob(world: ReturnType<typeof pipelineWorld>, isLastAttempt = false) {
  return async (job: Job) => {
    if (job.name === 'diagnose-incident') await world.run(job.incidentId, isLastAttempt);
    else if (job.name === 'expand-run') await world.expand.run(job.deliveryId, { isLastAttempt });
    else throw new Error(`Nobody asked for ${job.name}.`);
  };
}

describe('IngestDelivery', () => {
  it('opens one incident for a failed job and puts it on the queue', async () => {
    const world = pipelineWorld();
    const { incidents } = await world.ingest.run(jobDelivery());
    await settled();
    expect(world.queue.jobs).toEqual([
      {
        name: 'diagnose-incident',
        incidentId: incidents[0]!.incidentId,
        sequence: incidents[0]!.sequence,
        turn: 1,
      },
    ]);
  });

  it('gives each job its place in its project’s line, so that another project’s first goes before', async () => {
    const world = pipelineWorld();
    for (let runId = 1; runId <= 3; runId++) await world.ingest.run(jobDelivery({ runId }));
    const other = { host: 'github.com', owner: 'acme', name: 'other' };
    await world.ingest.run({ ...jobDelivery({ runId: 9, repository: other }), repository: other });
    await settled();
    expect(world.queue.jobs.map(({ turn }) => turn)).toEqual([1, 2, 3, 1]);
  });

  it('announces what a later run proved repaired, and drops what shows it', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    await world.run(id);
    const key = { operation: 'vector.search', scope: 'p', id: 'x' } as const;
    await world.cache.set(key, 'old');
    const passed = jobDelivery({ runId: 1, attempt: 2 });
    const { failedAt: _f, failedStep: _s, source: _o, pullRequests: _p, ...job } = failedJob({ attempt: 2 });
    const ended = new Date('2026-05-04T13:00:00Z');
    const recorded = await world.ingest.run({
      ...passed,
      meaning: { kind: 'job', job: { ...job, conclusion: 'success', endedAt: ended } },
    });
    await settled();
    expect(recorded.resolved).toMatchObject([{ incidentId: id }]);
    expect(world.bus.on('events:remediation_updated')).toMatchObject([
      { incidentId: id, status: 'resolved', verified: true },
    ]);
    expect(await world.cache.get(key)).toBeUndefined();
  });

  it('opens nothing for a delivery it has seen', async () => {
    const world = pipelineWorld();
    await world.ingest.run(jobDelivery({}, 'same'));
    const again = await world.ingest.run(jobDelivery({}, 'same'));
    expect(again).toMatchObject({
      duplicate: true,
      incidents: [expect.objectContaining({ outcome: 'known' })],
    });
    expect((await world.store.incidents.list({}, 10, null)).items).toHaveLength(1);
  });

  it('does not tell a project what another project’s delivery of the same id opened', async () => {
    const world = pipelineWorld();
    await world.ingest.run(jobDelivery({}, 'same'));
    const other = { host: 'github.com', owner: 'acme', name: 'other' };
    const again = await world.ingest.run({
      ...jobDelivery({ repository: other }, 'same'),
      repository: other,
    });
    expect(again).toMatchObject({ duplicate: true, incidents: [] });
  });

  it('answers although the queue is away, and the sweeper catches up', async () => {
    const world = pipelineWorld();
    world.queue.away = true;
    await world.ingest.run(jobDelivery());
    await world.ingest.run(runDelivery({ runId: 2 }));
    await settled();
    expect(world.queue.jobs).toEqual([]);

    world.queue.away = false;
    world.clock.advance(11_000);
    expect(await world.sweep.run()).toBe(2);
    expect(world.queue.jobs.map(({ name }) => name).toSorted()).toEqual(['diagnose-incident', 'expand-run']);
  });
});

describe('ExpandRun', () => {
  it('opens an incident for each failed job of the run and none twice', async () => {
    const world = pipelineWorld();
    world.ci.addRun({
      repository: 'acme/widgets',
      id: 5,
      jobs: [
        { id: 51, name: 'build', log: typescriptLog() },
        { id: 52, name: 'test', log: typescriptLog() },
        { id: 53, name: 'lint', conclusion: 'success', log: 'ok\n' },
      ],
    });
    await world.ingest.run(jobDelivery({ runId: 5, jobId: 51 }));
    await world.ingest.run(runDelivery({ runId: 5 }));
    await settled();
    await world.queue.runAll(runJob(world));

    const { items } = await world.store.incidents.list({}, 10, null);
    expect(
      items.map(({ jobName, status, occurrences }) => [jobName, status, occurrences]).toSorted(),
    ).toEqual([
      ['build', 'diagnosed', 1],
      ['test', 'diagnosed', 1],
    ]);
  });

  it('reports the run itself when it failed without a job', async () => {
    const world = pipelineWorld();
    world.ci.addRun({ repository: 'acme/widgets', id: 6, jobs: [] });
    await world.ingest.run(runDelivery({ runId: 6 }));
    await settled();
    await world.queue.runAll(runJob(world));
    const { items } = await world.store.incidents.list({}, 10, null);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ jobName: '', status: 'diagnosis_failed' });
    expect(items[0]!.statusReason).toContain('without a failed job');
  });

  it('says on the incident why the jobs of the run could not be listed', async () => {
    const world = pipelineWorld();
    world.ci.fail(
      'listJobs',
      new ExternalFailure('GitHub refused the token (403).', { code: 'github_forbidden', retryable: false }),
    );
    await world.ingest.run(runDelivery({ runId: 6 }));
    await settled();
    await world.queue.runAll(runJob(world));
    const { items } = await world.store.incidents.list({}, 10, null);
    expect(items[0]!.statusReason).toContain('GitHub refused the token (403).');
  });

  it('does not add an incident for the run when its jobs can not be listed but are known from their own deliveries', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(7, typescriptLog());
    await world.run(id);
    world.ci.fail(
      'listJobs',
      new ExternalFailure('No such run.', { code: 'github_not_found', retryable: false }),
    );
    await world.ingest.run(runDelivery({ runId: 7 }, 'run-7'));
    await world.expand.run('run-7', { isLastAttempt: false });
    expect((await world.store.incidents.list({}, 10, null)).items.map((incident) => incident.id)).toEqual([
      id,
    ]);
    expect((await world.store.deliveries.find('run-7'))?.status).toBe('processed');
  });

  it('leaves the delivery pending while a retry can help', async () => {
    const world = pipelineWorld();
    const away = new ExternalFailure('GitHub answered 503.', { code: 'github_unavailable', retryable: true });
    world.ci.fail('listJobs', away);
    await world.ingest.run(runDelivery({ runId: 8 }, 'run-8'));
    await expect(world.expand.run('run-8', { isLastAttempt: false })).rejects.toBe(away);
    expect((await world.store.deliveries.find('run-8'))?.status).toBe('pending');
  });
});

const passedElsewhere = (runId: number): Delivery => {
  const { failedAt, failedStep: _s, source: _o, pullRequests: _p, ...job } = failedJob({ runId });
  const passed = { ...job, conclusion: 'success', endedAt: new Date(failedAt.getTime() + 60_000) };
  return { ...jobDelivery(), id: `passed-${runId}`, meaning: { kind: 'job', job: passed } };
};

describe('SweepOutbox', () => {
  it('lets a repair’s questions wait for the event that answers them, and asks after the grace', async () => {
    const world = pipelineWorld();
    await world.run(await world.failJob(1, typescriptLog()));
    await settled();
    world.queue.forget();
    expect((await world.ingest.run(passedElsewhere(2))).pending).not.toBeNull();
    await settled();
    expect(world.queue.jobs).toEqual([]);
    world.clock.advance(11_000);
    expect(await world.sweep.run()).toBe(1);
    expect(world.queue.jobs).toMatchObject([{ name: 'expand-run', deliveryId: 'passed-2' }]);
    // The queue holds it: a long line is no reason to stand in it twice.
    world.clock.advance(11_000);
    expect(await world.sweep.run()).toBe(0);
    expect(world.queue.jobs).toHaveLength(1);
  });

  it('leaves work alone that the queue still holds', async () => {
    const world = pipelineWorld();
    await world.ingest.run(jobDelivery());
    await settled();
    world.clock.advance(60_000);
    expect(await world.sweep.run()).toBe(0);
    expect(world.queue.jobs).toHaveLength(1);
  });

  it('asks after a long line less often, and after none of it never', async () => {
    const world = pipelineWorld();
    for (let runId = 1; runId <= 250; runId++) await world.ingest.run(runDelivery({ runId }, `run-${runId}`));
    await settled();
    const asked = vi.spyOn(world.queue, 'isPending');
    const askedAfter = async (ms: number) => {
      asked.mockClear();
      world.clock.advance(ms);
      await world.sweep.run();
      return asked.mock.calls.length;
    };
    expect(await askedAfter(11_000)).toBe(250);
    expect(await askedAfter(11_000)).toBe(0);
    expect(await askedAfter(20_000)).toBe(250);
    world.queue.forget();
    world.clock.advance(31_000);
    expect(await world.sweep.run()).toBe(250);
  });

  it('dispatches under a new id what a queue lost', async () => {
    const world = pipelineWorld();
    await world.ingest.run(jobDelivery());
    await settled();
    const before = world.queue.jobs[0]!;
    world.queue.forget();
    world.clock.advance(60_000);
    expect(await world.sweep.run()).toBe(1);
    expect(world.queue.jobs).toEqual([{ ...before, sequence: before.sequence + 1 }]);
  });

  it('revives an incident whose worker died', async () => {
    const world = pipelineWorld();
    const id = await world.failJob(1, typescriptLog());
    await settled();
    await world.queue.runNext(async () => void (await world.store.progress.claim(id, 30_000)));
    world.clock.advance(10_001);
    expect(await world.sweep.run()).toBe(0);
    world.clock.advance(30_000);
    expect(await world.sweep.run()).toBe(1);
    await world.queue.runAll(runJob(world));
    expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
  });
});

describe('SubmitLog', () => {
  const repository = { host: 'github.com', owner: 'acme', name: 'widgets' };
  const submitted = (text: string) => ({
    repository,
    jobName: 'by hand',
    workflowName: null,
    branch: null,
    content: Buffer.from(text),
  });

  it('stores a log by hand redacted, and diagnoses it without a download', async () => {
    const world = pipelineWorld();
    const token = `ghp_${'A1b2C3d4E5'.repeat(4).slice(0, 36)}`;
    const id = await world.submit.run(
      submitted(typescriptLog().replace('> tsc -p .', `> TOKEN=${token} tsc -p .`)),
    );
    await world.queue.runAll(runJob(world));
    const log = await world.store.logs.find(id, 1);
    expect(gunzipSync(log!.gzip).toString()).not.toContain(token);
    expect((await world.store.incidents.get(id)).status).toBe('diagnosed');
    expect(world.ci.calls.getJobLog).toBe(0);
  });

  it.each([false, true])('is in the figures at once, queue away: %s', async (away) => {
    const world = pipelineWorld();
    world.queue.away = away;
    await world.cache.set({ operation: 'stats', scope: 'all', id: 'x' }, { total: 0 });
    await world.submit.run(submitted(typescriptLog()));
    expect(world.cache.ids('stats')).toEqual([]);
  });

  it('opens nothing for an empty log', async () => {
    const world = pipelineWorld();
    await expect(world.submit.run(submitted(''))).rejects.toBeInstanceOf(UnreadableLog);
    expect((await world.store.incidents.list({}, 10, null)).items).toEqual([]);
  });
});
