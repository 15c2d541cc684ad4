import { ExternalFailure, type BackgroundJob, type NewDocument } from '@app/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { FakeEmbedder } from '../../../../test/fakes/fake-embedder.js';
import { FakeJobQueue } from '../../../../test/fakes/fake-job-queue.js';
import { InMemoryPersistence } from '../../../../test/fakes/in-memory-persistence/index.js';
import { TestClock, TestLog } from '../../../../test/support/pipeline-world.js';
import { EmbeddedPassageFinder } from '../embedded-passage-finder.js';
import { BackgroundDispatch } from './background-dispatch.js';
import { EmbedDocument } from './embed-document.js';

const PASSAGES = 70;
const WEEK_MS = 7 * 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

function newDocument(changes: Partial<NewDocument> = {}): NewDocument {
  return {
    projectId: null,
    title: 'Runbook',
    origin: 'upload',
    filename: null,
    url: null,
    contentType: 'text/plain',
    sizeBytes: 1,
    contentHash: 'hash',
    passages: Array.from({ length: PASSAGES }, (_, position) => ({
      position,
      headings: [],
      text: `step number${position} of the runbook`,
    })),
    ...changes,
  };
}

function away(retryable: boolean): ExternalFailure {
  return new ExternalFailure('The embedder is away.', { code: 'embedder_away', retryable });
}

let clock: TestClock;
let store: InMemoryPersistence;
let queue: FakeJobQueue;
let embedder: FakeEmbedder;
let cache: FakeCache;
let embed: EmbedDocument;
let dispatch: BackgroundDispatch;

beforeEach(() => {
  clock = new TestClock();
  store = new InMemoryPersistence(clock);
  queue = new FakeJobQueue();
  embedder = new FakeEmbedder();
  cache = new FakeCache();
  const log = new TestLog();
  const stores = { jobs: store.backgroundJobs, knowledge: store.knowledge, policies: store.modelPolicies };
  embed = new EmbedDocument(stores, embedder, cache, log);
  dispatch = new BackgroundDispatch(store.backgroundJobs, queue, {
    clock,
    log,
    limits: { graceMs: MINUTE_MS, batch: 10, maxAttempts: 5 },
  });
});

async function addDocument(changes: Partial<NewDocument> = {}): Promise<BackgroundJob> {
  const { job } = await store.knowledge.add(newDocument(changes));
  return job!;
}

function run(
  job: BackgroundJob,
  isLastAttempt = false,
  signal = new AbortController().signal,
): Promise<void> {
  return embed.run(job, { signal, isLastAttempt });
}

const stateOf = async ({ id }: BackgroundJob) => store.backgroundJobs.find(id);

/** Runs what waits in the queue as a worker does. */
const work = () =>
  queue.runAll(async (job) => {
    if (job.name === 'ingest-document')
      await embed.run(
        { id: job.backgroundJobId, sequence: job.sequence },
        { signal: new AbortController().signal, isLastAttempt: false },
      );
  });

describe('EmbedDocument', () => {
  it('embeds passage by passage in batches, then makes the document findable and drops remembered searches', async () => {
    await cache.set({ operation: 'vector.search', scope: 'all', id: 'old' }, []);
    const job = await addDocument();
    await run(job);
    expect(embedder.calls.map((texts) => texts.length)).toEqual([32, 32, 6]);
    expect(embedder.calls[0]![0]).toBe('Runbook\nstep number0 of the runbook');
    expect(await stateOf(job)).toMatchObject({ state: 'done', done: PASSAGES, attempts: 1 });
    expect(await store.knowledge.find(job.documentId)).toMatchObject({ status: 'ready' });
    expect(cache.ids('vector.search')).toEqual([]);
  });

  it('goes on where a failed try stopped, and says meanwhile what went wrong', async () => {
    const job = await addDocument();
    const { knowledge } = store;
    const saved = knowledge.saveEmbeddings.bind(knowledge);
    let batches = 0;
    knowledge.saveEmbeddings = async (...parameters) => {
      batches += 1;
      if (batches === 1) embedder.fail(away(true));
      return saved(...parameters);
    };
    await expect(run(job)).rejects.toThrow('away');
    expect(await stateOf(job)).toMatchObject({ state: 'queued', done: 32, error: 'The embedder is away.' });
    embedder.calls.length = 0;
    await run(job);
    expect(embedder.calls.flat()).toHaveLength(PASSAGES - 32);
    expect(await stateOf(job)).toMatchObject({ state: 'done', error: null, attempts: 2 });
  });

  it.each([
    ['its last try fails', true, true],
    ['no try can help', false, false],
  ])('fails for good when %s', async (_, isLastAttempt, retryable) => {
    const job = await addDocument();
    embedder.fail(away(retryable));
    await expect(run(job, isLastAttempt)).rejects.toThrow('away');
    expect(await stateOf(job)).toMatchObject({ state: 'failed', error: 'The embedder is away.' });
    expect(await store.knowledge.find(job.documentId)).toMatchObject({ status: 'failed' });
  });

  it('stops when it is cancelled, and is done when it is tried again', async () => {
    const job = await addDocument();
    const { knowledge } = store;
    const saved = knowledge.saveEmbeddings.bind(knowledge);
    knowledge.saveEmbeddings = async (...parameters) => {
      knowledge.saveEmbeddings = saved;
      const isSaved = await saved(...parameters);
      await store.backgroundJobs.cancel(job.id);
      return isSaved;
    };
    await run(job);
    expect(embedder.calls).toHaveLength(2);
    expect(await stateOf(job)).toMatchObject({ state: 'cancelled', done: 32 });
    await run(job);
    expect(embedder.calls).toHaveLength(2);

    const again = await store.backgroundJobs.retry(job.id);
    await dispatch.enqueue(again!);
    await work();
    expect(await stateOf(job)).toMatchObject({ state: 'done', done: PASSAGES });
  });

  it('is not to blame for a process that ends', async () => {
    const job = await addDocument();
    const ending = new AbortController();
    ending.abort(new Error('The process is ending.'));
    await expect(run(job, false, ending.signal)).rejects.toThrow('ending');
    expect(await stateOf(job)).toMatchObject({ state: 'running', error: null });
  });

  it('sends nothing of a project that forbids it to an outside embedder; its words are found all the same', async () => {
    embedder.isOutside = true;
    const project = await store.projects.ensure({ host: 'github.com', owner: 'o', name: 'strict' });
    const policy = await store.modelPolicies.of(project.id);
    await store.modelPolicies.set(project.id, { ...policy, allowsOutsideModel: false });
    const job = await addDocument({ projectId: project.id });
    await run(job);
    expect(await stateOf(job)).toMatchObject({ state: 'done' });
    const finder = new EmbeddedPassageFinder(
      store.knowledge,
      store.modelPolicies,
      embedder,
      cache,
      new TestLog(),
    );
    const question = { projectIds: [project.id], text: 'step number7' };
    expect((await finder.find(question))[0]).toMatchObject({ position: 7 });
    expect(embedder.calls).toEqual([]);
  });
});

describe('BackgroundDispatch', () => {
  it('brings a job to the queue again that none holds: after an outage, and after a lost queue', async () => {
    queue.away = true;
    const job = await addDocument();
    await dispatch.enqueue(job);
    queue.away = false;
    expect(await dispatch.sweep()).toBe(0);
    clock.advance(MINUTE_MS + 1);
    expect(await dispatch.sweep()).toBe(1);
    expect(await dispatch.sweep()).toBe(0);
    queue.forget();
    clock.advance(MINUTE_MS + 1);
    expect(await dispatch.sweep()).toBe(1);
    await work();
    expect(await stateOf(job)).toMatchObject({ state: 'done', sequence: 3 });
    clock.advance(MINUTE_MS + 1);
    expect(await dispatch.sweep()).toBe(0);
  });

  it('leaves a job alone that waits in the queue', async () => {
    const job = await addDocument();
    await dispatch.enqueue(job);
    clock.advance(MINUTE_MS + 1);
    expect(await dispatch.sweep()).toBe(0);
    expect(await stateOf(job)).toMatchObject({ sequence: 1 });
  });

  it('gives up a job that takes its workers with it', async () => {
    const job = await addDocument();
    for (let deaths = 0; deaths < 5; deaths += 1) await store.backgroundJobs.begin(job.id, 1);
    clock.advance(MINUTE_MS + 1);
    expect(await dispatch.sweep()).toBe(0);
    expect(await stateOf(job)).toMatchObject({
      state: 'failed',
      error: 'It was begun 5 times and never ended.',
    });
  });

  it('keeps what ended for a week', async () => {
    const job = await addDocument();
    await store.backgroundJobs.begin(job.id, 1);
    await store.backgroundJobs.fail(job, 'no');
    clock.advance(WEEK_MS);
    expect(await dispatch.cleanUp()).toBe(0);
    clock.advance(1);
    expect(await dispatch.cleanUp()).toBe(1);
    expect(await stateOf(job)).toBeNull();
    expect(await store.knowledge.find(job.documentId)).toBeNull();
  });
});

describe('EmbeddedPassageFinder', () => {
  it('remembers what a scope found until what is known changes, and finds words while the embedder is away', async () => {
    const finder = new EmbeddedPassageFinder(
      store.knowledge,
      store.modelPolicies,
      embedder,
      cache,
      new TestLog(),
    );
    const job = await addDocument();
    await run(job);
    const question = { projectIds: null, text: 'step number7', limit: 1 };
    expect(await finder.find(question)).toMatchObject([{ position: 7 }]);
    await store.knowledge.delete(job.documentId);
    expect(await finder.find(question)).toHaveLength(1);
    expect(await finder.find({ ...question, projectIds: [] })).toEqual([]);
    await run(await addDocument({ contentHash: 'another' }));
    embedder.fail(away(true));
    expect((await finder.find({ ...question, limit: 2 }))[0]).toMatchObject({ position: 7 });
    expect(await finder.find({ projectIds: null, text: '  ' })).toEqual([]);
  });

  it('finds what is stored for every project and for one once', async () => {
    const finder = new EmbeddedPassageFinder(
      store.knowledge,
      store.modelPolicies,
      embedder,
      cache,
      new TestLog(),
    );
    const project = await store.projects.ensure({ host: 'github.com', owner: 'o', name: 'own' });
    await run(await addDocument());
    await run(await addDocument({ projectId: project.id }));
    const found = await finder.find({ projectIds: [project.id], text: 'step number7', limit: 4 });
    expect(found[0]).toMatchObject({ position: 7 });
    expect(found).toHaveLength(4);
    expect(new Set(found.map(({ text }) => text)).size).toBe(4);
  });
});
