import { randomUUID } from 'node:crypto';
import {
  ProjectNotFound,
  type AddedDocument,
  type BackgroundJob,
  type FoundPassage,
  type JobHold,
  type KnowledgeDocument,
  type KnowledgeRepository,
  type NewDocument,
  type Page,
  type Passage,
  type PassageQuery,
  type ProjectScope,
} from '@app/domain';
import { assertEmbedding, cosine } from './embedding-value.js';
import { pageOf } from './page.js';
import { copy, type MemoryStore, type PassageRow } from './store.js';

const STOP_WORDS = new Set([
  'a',
  'an',
  'and',
  'are',
  'do',
  'if',
  'in',
  'is',
  'of',
  'on',
  'or',
  'the',
  'to',
  'what',
  'when',
]);

export class InMemoryKnowledgeRepository implements KnowledgeRepository {
  constructor(private readonly store: MemoryStore) {}

  async add({ passages, ...facts }: NewDocument): Promise<AddedDocument> {
    const { documents, projects, clock } = this.store;
    if (facts.projectId !== null && !projects.has(facts.projectId))
      throw new ProjectNotFound(facts.projectId);
    const known = [...documents.values()].find(
      ({ projectId, contentHash }) => projectId === facts.projectId && contentHash === facts.contentHash,
    );
    if (known?.status === 'failed' || known?.status === 'cancelled') await this.delete(known.id);
    else if (known) return { document: copy(known), job: null };
    const now = clock.now();
    const id = randomUUID();
    const document: KnowledgeDocument = {
      ...facts,
      id,
      status: 'pending',
      passages: passages.length,
      createdAt: now,
      readyAt: null,
    };
    documents.set(id, document);
    this.store.passages.set(
      id,
      passages.map((passage) => ({ ...copy(passage), model: null, embedding: null })),
    );
    const job: BackgroundJob = {
      id: randomUUID(),
      kind: 'ingest-document',
      projectId: facts.projectId,
      documentId: id,
      title: facts.title,
      state: 'queued',
      done: 0,
      total: passages.length,
      attempts: 0,
      error: null,
      sequence: 1,
      createdAt: now,
      startedAt: null,
      finishedAt: null,
      updatedAt: now,
    };
    this.store.backgroundJobs.set(job.id, job);
    return { document: copy(document), job: copy(job) };
  }

  async find(id: string): Promise<KnowledgeDocument | null> {
    return copy(this.store.documents.get(id) ?? null);
  }

  async list(
    projectIds: ProjectScope,
    limit: number,
    cursor: string | null,
  ): Promise<Page<KnowledgeDocument>> {
    return pageOf(
      [...this.store.documents.values()].filter((document) => isVisible(document, projectIds)),
      limit,
      cursor,
    );
  }

  async delete(id: string): Promise<boolean> {
    this.store.passages.delete(id);
    for (const job of this.store.backgroundJobs.values())
      if (job.documentId === id) this.store.backgroundJobs.delete(job.id);
    return this.store.documents.delete(id);
  }

  async unembedded(documentId: string, model: string, limit: number): Promise<readonly Passage[]> {
    return (this.store.passages.get(documentId) ?? [])
      .filter((row) => row.model !== model)
      .slice(0, limit)
      .map(({ position, headings, text }) => ({ position, headings, text }));
  }

  async saveEmbeddings(
    hold: JobHold,
    model: string,
    embeddings: ReadonlyMap<number, Float32Array>,
  ): Promise<boolean> {
    for (const embedding of embeddings.values()) assertEmbedding(embedding);
    const job = this.held(hold);
    if (!job) return false;
    const rows = this.store.passages.get(hold.documentId)!;
    for (const row of rows) {
      const embedding = embeddings.get(row.position);
      if (embedding) Object.assign(row, { model, embedding: embedding.slice() });
    }
    job.done = rows.filter((row) => row.model === model).length;
    job.updatedAt = this.store.clock.now();
    return true;
  }

  async publish(hold: JobHold): Promise<boolean> {
    const job = this.held(hold);
    if (!job) return false;
    const now = this.store.clock.now();
    Object.assign(job, { state: 'done', done: job.total, error: null, finishedAt: now, updatedAt: now });
    const document = this.store.documents.get(hold.documentId)!;
    Object.assign(document, { status: 'ready', readyAt: now });
    for (const old of this.store.documents.values()) {
      const isSuperseded =
        old.id !== document.id &&
        old.status === 'ready' &&
        old.url !== null &&
        old.url === document.url &&
        old.projectId === document.projectId;
      if (isSuperseded) await this.delete(old.id);
    }
    return true;
  }

  async findPassages(query: PassageQuery): Promise<readonly FoundPassage[]> {
    const { embedding, model } = query;
    if (embedding !== null) assertEmbedding(embedding);
    const visible = [...this.store.documents.values()]
      .filter((document) => document.status === 'ready' && isVisible(document, query.projectIds))
      .flatMap((document) => this.store.passages.get(document.id)!.map((row) => ({ document, row })));
    const words = wordsOf(query.text);
    const places = [
      visible
        .map((found) => ({ found, value: similarity(found.row, embedding, model) }))
        .filter(({ value }) => value >= (query.threshold ?? 0.35)),
      visible
        .map((found) => ({
          found,
          value: [...words].filter((word) => wordsOf([titleOf(found), found.row.text].join(' ')).has(word))
            .length,
        }))
        .filter(({ value }) => value > 0 && value >= Math.min(2, words.size)),
    ].map((list) => list.toSorted((a, b) => b.value - a.value).map(({ found }) => found));
    return visible
      .map((found) => ({
        found,
        score: places
          .map((list) => list.indexOf(found))
          .reduce((sum, place) => (place < 0 ? sum : sum + 1 / (61 + place)), 0),
      }))
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score)
      .slice(0, query.limit ?? 5)
      .map(({ found, score }) => ({
        documentId: found.document.id,
        position: found.row.position,
        projectId: found.document.projectId,
        title: titleOf(found),
        text: found.row.text,
        url: found.document.url,
        score,
      }));
  }

  private held({ id, sequence }: JobHold) {
    const job = this.store.backgroundJobs.get(id);
    return job?.state === 'running' && job.sequence === sequence ? job : null;
  }
}

function titleOf({ document, row }: { document: KnowledgeDocument; row: Passage }): string {
  return [document.title, ...row.headings].join(' › ');
}

function isVisible({ projectId }: KnowledgeDocument, scope: ProjectScope): boolean {
  return projectId === null || scope === null || scope.includes(projectId);
}

function similarity(row: PassageRow, embedding: Float32Array | null, model: string | undefined): number {
  if (embedding === null || row.embedding === null) return -1;
  return model === undefined || row.model === model ? cosine(row.embedding, embedding) : -1;
}

function wordsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !STOP_WORDS.has(word)));
}
