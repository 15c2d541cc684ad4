import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { InvalidInput, type NewDocument, type PassageQuery, type ProjectScope } from '@app/domain';
import { NOBODY, REPOSITORY, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';

const MODEL = 'embedder-1';

/** A vector along one axis, and `lean` along the next. */
function vector(axis: number, lean = 0): Float32Array {
  const values = new Float32Array(768);
  values[axis] = 1;
  values[axis + 1] = lean;
  return values;
}

function newDocument(changes: Partial<NewDocument> = {}): NewDocument {
  return {
    projectId: null,
    title: 'Runners',
    origin: 'upload',
    filename: 'runners.md',
    url: null,
    contentType: 'text/markdown',
    sizeBytes: 321,
    contentHash: 'a'.repeat(64),
    passages: [
      { position: 0, headings: ['Disk full'], text: 'Prune the docker images and restart the runner.' },
      { position: 1, headings: ['Disk full', 'Later'], text: 'Buy larger volumes.' },
    ],
    ...changes,
  };
}

function idsOf(found: readonly { documentId: string }[]): string[] {
  return found.map(({ documentId }) => documentId).toSorted();
}

/** What `ids` answers for the first passage of each. */
function firstOf(documents: readonly { id: string }[]): string[] {
  return documents.map(({ id }) => `${id} 0`).toSorted();
}

/** Documents, their passages, the jobs that embed them, and the search over them. */
export function knowledgeContract(name: string, openEmpty: OpenEmpty): void {
  describe(`knowledge: ${name}`, () => {
    let store: PersistenceUnderTest;
    let projectId: string;
    let otherId: string;
    beforeEach(async () => {
      store = await openEmpty();
      projectId = (await store.projects.ensure(REPOSITORY)).id;
      otherId = (await store.projects.ensure({ ...REPOSITORY, name: 'other' })).id;
    });

    /** Adds a document and takes its job. */
    async function begun(changes: Partial<NewDocument> = {}) {
      const { document, job } = await store.knowledge.add(newDocument(changes));
      const hold = await store.backgroundJobs.begin(job!.id, job!.sequence);
      return { document, hold: hold! };
    }

    /** Adds a document with one embedding a passage, and publishes it. */
    async function ready(changes: Partial<NewDocument> = {}, axis = 0) {
      const { document, hold } = await begun(changes);
      const rows = await store.knowledge.unembedded(document.id, MODEL, 100);
      const embeddings = new Map(rows.map(({ position }) => [position, vector(axis + 3 * position)]));
      expect(await store.knowledge.saveEmbeddings(hold, MODEL, embeddings)).toBe(true);
      expect(await store.knowledge.publish(hold)).toBe(true);
      return document;
    }

    async function ids(changes: Partial<PassageQuery>): Promise<string[]> {
      const query = { projectIds: null, text: '', embedding: null, ...changes };
      const found = await store.knowledge.findPassages(query);
      return found.map(({ documentId, position }) => `${documentId} ${position}`);
    }
    async function seen(projectIds: ProjectScope): Promise<string[]> {
      return (await ids({ projectIds, text: 'docker images', embedding: vector(0) })).toSorted();
    }

    describe('a document', () => {
      it('is pending with a job until it is published', async () => {
        const { document, job } = await store.knowledge.add(newDocument({ projectId }));
        const { passages, ...facts } = newDocument({ projectId });
        expect(document).toEqual({
          ...facts,
          id: expect.any(String) as string,
          status: 'pending',
          passages: passages.length,
          createdAt: store.clock.now(),
          readyAt: null,
        });
        expect(job).toEqual({
          id: expect.any(String) as string,
          kind: 'ingest-document',
          projectId,
          documentId: document.id,
          title: 'Runners',
          state: 'queued',
          done: 0,
          total: 2,
          attempts: 0,
          error: null,
          sequence: 1,
          createdAt: store.clock.now(),
          startedAt: null,
          finishedAt: null,
          updatedAt: store.clock.now(),
        });
        expect(await store.knowledge.find(document.id)).toEqual(document);
        expect(await store.backgroundJobs.find(job!.id)).toEqual(job);

        const began = store.clock.advance(1_000);
        const hold = await store.backgroundJobs.begin(job!.id, 1);
        expect(hold).toMatchObject({ state: 'running', attempts: 1, startedAt: began });
        const [first, second] = await store.knowledge.unembedded(document.id, MODEL, 10);
        expect([first, second]).toEqual(passages);
        await store.knowledge.saveEmbeddings(hold!, MODEL, new Map([[0, vector(0)]]));
        expect(await store.backgroundJobs.find(job!.id)).toMatchObject({ state: 'running', done: 1 });
        expect(await store.knowledge.unembedded(document.id, MODEL, 10)).toEqual([second]);
        expect(await store.knowledge.unembedded(document.id, 'another', 1)).toEqual([first]);

        const published = store.clock.advance(1_000);
        expect(await store.knowledge.publish(hold!)).toBe(true);
        expect(await store.knowledge.find(document.id)).toMatchObject({
          status: 'ready',
          readyAt: published,
        });
        expect(await store.backgroundJobs.find(job!.id)).toMatchObject({
          state: 'done',
          done: 2,
          finishedAt: published,
        });
      });

      it('is kept once a project, and once among those for every project', async () => {
        const first = await store.knowledge.add(newDocument({ projectId }));
        const again = await store.knowledge.add(newDocument({ projectId, title: 'Another name' }));
        expect(again).toEqual({ document: first.document, job: null });
        const elsewhere = [
          await store.knowledge.add(newDocument({ projectId: otherId })),
          await store.knowledge.add(newDocument()),
        ];
        expect(elsewhere.map(({ job }) => job === null)).toEqual([false, false]);
        expect((await store.knowledge.add(newDocument())).job).toBeNull();
        expect((await store.knowledge.list(null, 10, null)).items).toHaveLength(3);
      });

      it('is stored once when many add it at once', async () => {
        const added = await Promise.all(Array.from({ length: 6 }, () => store.knowledge.add(newDocument())));
        expect(new Set(added.map(({ document }) => document.id)).size).toBe(1);
        expect(added.filter(({ job }) => job !== null)).toHaveLength(1);
      });

      it.each(['failed', 'cancelled'] as const)(
        'that %s is replaced when it is added again',
        async (state) => {
          const { document, hold } = await begun();
          if (state === 'failed') await store.backgroundJobs.fail(hold, 'The embedder is away.');
          else await store.backgroundJobs.cancel(hold.id);
          expect(await store.knowledge.find(document.id)).toMatchObject({ status: state });
          const again = await store.knowledge.add(newDocument());
          expect(again.job).toMatchObject({ state: 'queued' });
          expect(await store.knowledge.find(document.id)).toBeNull();
          expect(await store.backgroundJobs.find(hold.id)).toBeNull();
        },
      );

      it('takes the place of an older one from the same address when it is ready', async () => {
        const url = 'https://wiki.example/runners';
        const old = await ready({ projectId, url, origin: 'url', contentHash: '1' });
        const ofAll = await ready({ url, origin: 'url', contentHash: '1' });
        const { document, hold } = await begun({ projectId, url, origin: 'url', contentHash: '2' });
        expect(await store.knowledge.find(old.id)).not.toBeNull();
        await store.knowledge.publish(hold);
        expect(await store.knowledge.find(old.id)).toBeNull();
        expect(await store.knowledge.find(ofAll.id)).not.toBeNull();
        expect(await store.knowledge.find(document.id)).toMatchObject({ status: 'ready' });
      });

      it('goes with its passages and jobs', async () => {
        const document = await ready();
        expect(await store.knowledge.delete(document.id)).toBe(true);
        expect(await store.knowledge.delete(document.id)).toBe(false);
        expect(await store.knowledge.delete('nonsense')).toBe(false);
        expect(await store.knowledge.find(document.id)).toBeNull();
        expect((await store.backgroundJobs.list({ projectIds: null }, 10, null)).items).toEqual([]);
        const query = { projectIds: null, text: 'docker images', embedding: vector(0) };
        expect(await store.knowledge.findPassages(query)).toEqual([]);
      });

      it('needs a project that is there, if it names one', async () => {
        for (const nobody of [NOBODY, 'nonsense']) {
          await expect(store.knowledge.add(newDocument({ projectId: nobody }))).rejects.toMatchObject({
            code: 'project_not_found',
          });
        }
        expect((await store.knowledge.list(null, 10, null)).items).toEqual([]);
      });

      it('takes texts that a database would refuse', async () => {
        const passages = [{ position: 0, headings: ['a\0b'], text: 'half a pair \ud800 and zero \0' }];
        const { document } = await store.knowledge.add(newDocument({ title: 'T\0', passages }));
        const [stored] = await store.knowledge.unembedded(document.id, MODEL, 1);
        expect(stored!.text).toContain('half a pair');
      });

      it('is listed newest first, page by page, to whom may see it', async () => {
        const ids: string[] = [];
        for (const [index, of] of [null, projectId, otherId, projectId].entries()) {
          store.clock.advance(1_000);
          ids.unshift(
            (await store.knowledge.add(newDocument({ projectId: of, contentHash: `${index}` }))).document.id,
          );
        }
        const listed = async (scope: ProjectScope) =>
          (await store.knowledge.list(scope, 10, null)).items.map(({ id }) => id);
        expect(await listed(null)).toEqual(ids);
        expect(await listed([projectId])).toEqual([ids[0], ids[2], ids[3]]);
        expect(await listed([])).toEqual([ids[3]]);
        expect(await listed([NOBODY, 'nonsense'])).toEqual([ids[3]]);
        const first = await store.knowledge.list(null, 3, null);
        const second = await store.knowledge.list(null, 3, first.nextCursor);
        expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
        expect(second.nextCursor).toBeNull();
        await expect(store.knowledge.list(null, 3, 'nonsense')).rejects.toBeInstanceOf(InvalidInput);
      });
    });

    describe('a background job', () => {
      it('belongs to the worker that holds its newest sequence', async () => {
        const { hold } = await begun();
        const again = await store.backgroundJobs.redispatch(hold.id, false);
        expect(again).toMatchObject({ sequence: 2, state: 'running' });
        expect(await store.backgroundJobs.begin(hold.id, 1)).toBeNull();
        expect(await store.knowledge.saveEmbeddings(hold, MODEL, new Map([[0, vector(0)]]))).toBe(false);
        expect(await store.knowledge.publish(hold)).toBe(false);
        await store.backgroundJobs.fail(hold, 'late');
        await store.backgroundJobs.postpone(hold, 'late');
        expect(await store.backgroundJobs.find(hold.id)).toMatchObject({
          state: 'running',
          error: null,
          done: 0,
        });
        expect(await store.backgroundJobs.begin(hold.id, 2)).toMatchObject({ attempts: 2 });
      });

      it('waits again after a failure that is tried again', async () => {
        const { hold, document } = await begun();
        await store.backgroundJobs.postpone(hold, 'The embedder is away.');
        expect(await store.backgroundJobs.find(hold.id)).toMatchObject({
          state: 'queued',
          error: 'The embedder is away.',
          attempts: 1,
        });
        expect(await store.knowledge.find(document.id)).toMatchObject({ status: 'pending' });
        expect(await store.backgroundJobs.begin(hold.id, 1)).toMatchObject({ attempts: 2 });
      });

      it('that is cancelled stops, and goes on when it is tried again', async () => {
        const { hold, document } = await begun();
        const cancelled = await store.backgroundJobs.cancel(hold.id);
        expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: store.clock.now() });
        expect(await store.backgroundJobs.cancel(hold.id)).toBeNull();
        expect(await store.knowledge.saveEmbeddings(hold, MODEL, new Map([[0, vector(0)]]))).toBe(false);
        expect(await store.knowledge.find(document.id)).toMatchObject({ status: 'cancelled' });

        const again = await store.backgroundJobs.retry(hold.id);
        expect(again).toMatchObject({ state: 'queued', sequence: 2, attempts: 0, finishedAt: null });
        expect(await store.backgroundJobs.retry(hold.id)).toBeNull();
        expect(await store.knowledge.find(document.id)).toMatchObject({ status: 'pending' });
      });

      it.each(['cancel', 'retry', 'find'] as const)(
        'that is not there is answered as such by %s',
        async (ask) => {
          for (const id of [NOBODY, 'nonsense']) expect(await store.backgroundJobs[ask](id)).toBeNull();
          expect(await store.backgroundJobs.begin('nonsense', 1)).toBeNull();
        },
      );

      it('is due when nobody wrote to it for a while, and is left alone once it was dispatched again', async () => {
        const { job } = await store.knowledge.add(newDocument());
        const ended = await begun({ contentHash: 'b' });
        await store.backgroundJobs.cancel(ended.hold.id);
        const due = async () =>
          (await store.backgroundJobs.due(new Date(store.clock.now().getTime() - 10_000), 10)).map(
            ({ id }) => id,
          );
        expect(await due()).toEqual([]);
        store.clock.advance(10_001);
        expect(await due()).toEqual([job!.id]);
        expect(await store.backgroundJobs.redispatch(job!.id, true)).toMatchObject({ sequence: 1 });
        expect(await due()).toEqual([]);
        expect(await store.backgroundJobs.redispatch(ended.hold.id, false)).toBeNull();
      });

      it('is removed some time after it ended, with what it left unfinished', async () => {
        const done = await ready({ contentHash: '1' });
        const failed = await begun({ contentHash: '2' });
        await store.backgroundJobs.fail(failed.hold, 'no');
        const open = await begun({ contentHash: '3' });
        const later = store.clock.advance(1_000);
        const fresh = await begun({ contentHash: '4' });
        await store.backgroundJobs.fail(fresh.hold, 'no');
        expect(await store.backgroundJobs.removeEnded(later)).toBe(2);
        const left = (await store.backgroundJobs.list({ projectIds: null }, 10, null)).items;
        expect(left.map(({ id }) => id).toSorted()).toEqual([open.hold.id, fresh.hold.id].toSorted());
        expect(await store.knowledge.find(done.id)).not.toBeNull();
        expect(await store.knowledge.find(failed.document.id)).toBeNull();
        expect(await store.knowledge.find(fresh.document.id)).not.toBeNull();
      });

      it('is listed to whom may see it, by state if one is asked for', async () => {
        const own = await begun({ projectId });
        await begun({ projectId: otherId });
        const ofAll = await begun();
        await store.backgroundJobs.fail(ofAll.hold, 'no');
        const listed = async (projectIds: ProjectScope, state?: 'failed' | 'running') =>
          (await store.backgroundJobs.list({ projectIds, state }, 10, null)).items
            .map(({ id }) => id)
            .toSorted();
        expect(await listed([projectId])).toEqual([own.hold.id, ofAll.hold.id].toSorted());
        expect(await listed([projectId], 'running')).toEqual([own.hold.id]);
        expect(await listed(null, 'failed')).toEqual([ofAll.hold.id]);
        expect(await listed(null)).toHaveLength(3);
      });
    });

    describe('passages', () => {
      it('are found by meaning and by words, with their title and headings', async () => {
        const document = await ready({ projectId, url: 'https://wiki.example/runners' });
        const found = await store.knowledge.findPassages({
          projectIds: [projectId],
          text: 'docker images',
          embedding: vector(0),
          model: MODEL,
        });
        expect(found).toEqual([
          {
            documentId: document.id,
            position: 0,
            projectId,
            title: 'Runners › Disk full',
            text: 'Prune the docker images and restart the runner.',
            url: 'https://wiki.example/runners',
            score: expect.closeTo(2 / 61, 8) as number,
          },
        ]);
        expect(await ids({ text: 'DOCKER, images!' })).toEqual([`${document.id} 0`]);
        expect(await ids({ embedding: vector(3) })).toEqual([`${document.id} 1`]);
        expect(await ids({ text: 'runners disk full', limit: 1 })).toHaveLength(1);
      });

      it('need two shared words, or the only one that was asked for', async () => {
        const document = await ready();
        expect(await ids({ text: 'volumes' })).toEqual([`${document.id} 1`]);
        expect(await ids({ text: 'volumes exploded yesterday' })).toEqual([]);
        expect(await ids({ text: 'larger volumes exploded' })).toEqual([`${document.id} 1`]);
        for (const text of ['', '   ', 'the of and', "'); DROP TABLE passages; --", '\0', '🔥'])
          expect(await ids({ text })).toEqual([]);
      });

      it('need the threshold, and the embedder that is asked for', async () => {
        const document = await ready();
        const near = vector(0, 1);
        expect(await ids({ embedding: near })).toEqual([`${document.id} 0`]);
        expect(await ids({ embedding: near, threshold: 0.8 })).toEqual([]);
        expect(await ids({ embedding: near, model: 'another' })).toEqual([]);
      });

      it('are never those of other projects, nor of documents that are not ready', async () => {
        const own = await ready({ projectId });
        const foreign = await ready({ projectId: otherId });
        const ofAll = await ready();
        await begun({ contentHash: 'pending' });
        expect(await seen([projectId])).toEqual(firstOf([own, ofAll]));
        expect(await seen([otherId])).toEqual(firstOf([foreign, ofAll]));
        expect(await seen([])).toEqual(firstOf([ofAll]));
        expect(await seen(null)).toEqual(firstOf([own, foreign, ofAll]));
      });

      it('keep to any scope, whatever is known and asked', async () => {
        const scopes = [null, projectId, otherId];
        for (let index = 0; index < 24; index += 1)
          await ready(
            {
              projectId: scopes[index % 3]!,
              contentHash: `${index}`,
              passages: [
                { position: 0, headings: [], text: `docker images${index % 4 === 0 ? ' prune' : ''}` },
              ],
            },
            index % 5,
          );
        const owners = new Map(
          (await store.knowledge.list(null, 100, null)).items.map((one) => [one.id, one.projectId]),
        );
        const askedScope = fc.option(fc.subarray([projectId, otherId, NOBODY]), { nil: null });
        const words = fc.constantFrom('', 'docker images', 'prune docker', 'nothing alike');
        const axis = fc.option(fc.integer({ min: 0, max: 6 }), { nil: null });
        await fc.assert(
          fc.asyncProperty(askedScope, words, axis, async (projectIds, text, along) => {
            const ask = async (scope: ProjectScope) =>
              store.knowledge.findPassages({
                projectIds: scope,
                text,
                embedding: along === null ? null : vector(along),
                limit: 100,
              });
            const visible = ({ documentId }: { documentId: string }) => {
              const owner = owners.get(documentId)!;
              return owner === null || projectIds === null || projectIds.includes(owner);
            };
            // What somebody with every key finds, filtered by hand.
            expect(idsOf(await ask(projectIds))).toEqual(idsOf((await ask(null)).filter(visible)));
            const listed = await store.knowledge.list(projectIds, 100, null);
            expect(listed.items.map(({ id }) => id).toSorted()).toEqual(
              [...owners.keys()].filter((documentId) => visible({ documentId })).toSorted(),
            );
          }),
          { numRuns: 40 },
        );
      });

      it('need an embedding of the right size, of numbers, that points somewhere', async () => {
        const { hold } = await begun();
        const broken = [new Float32Array(3).fill(1), new Float32Array(768), vector(0).fill(NaN, 3, 4)];
        for (const embedding of broken) {
          const saved = store.knowledge.saveEmbeddings(hold, MODEL, new Map([[0, embedding]]));
          await expect(saved).rejects.toBeInstanceOf(InvalidInput);
          await expect(ids({ embedding })).rejects.toBeInstanceOf(InvalidInput);
        }
      });
    });
  });
}
