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
import type { Database, Query } from '../database.js';
import { constraintOf } from '../database-errors.js';
import { storable } from '../storable.js';
import { JOB_COLUMNS } from './background-job-row.js';
import { assertEmbedding, columnDimensions, toVector } from './embedding-value.js';
import { decodeCursor, encodeCursor } from './incident-cursor.js';
import { searchPassages } from './passage-search.js';
import { isUuid } from './uuid.js';

const COLUMNS = `id, project_id AS "projectId", title, origin, filename, url, content_type AS "contentType",
  size_bytes AS "sizeBytes", content_hash AS "contentHash", status, passages, created_at AS "createdAt",
  ready_at AS "readyAt"`;
const NO_PROJECT = '00000000-0000-0000-0000-000000000000';
const CONTENT_KEY = `(coalesce(project_id, '${NO_PROJECT}'), content_hash)`;
/** Headings are shown and searched in one line with the title. */
const HEADING_SEPARATOR = ' › ';

export class PostgresKnowledgeRepository implements KnowledgeRepository {
  /** Of the column, read once: it changes only by a rebuild, after which the product is started anew. */
  private known: number | null = null;

  constructor(private readonly database: Database) {}

  async add(document: NewDocument): Promise<AddedDocument> {
    const { passages, ...facts } = storable(document);
    if (facts.projectId !== null && !isUuid(facts.projectId)) throw new ProjectNotFound(facts.projectId);
    const now = this.database.clock.now();
    try {
      return await this.database.transaction(async (query) => {
        const content = [facts.projectId ?? NO_PROJECT, facts.contentHash];
        await query(
          `DELETE FROM documents WHERE ${CONTENT_KEY} = ($1::uuid, $2) AND status IN ('failed', 'cancelled')`,
          content,
        );
        const stored = await insertDocument(query, facts, passages.length, now);
        if (stored === null) {
          const [known] = await query<KnowledgeDocument>(
            `SELECT ${COLUMNS} FROM documents WHERE ${CONTENT_KEY} = ($1::uuid, $2)`,
            content,
          );
          return { document: known!, job: null };
        }
        await insertPassages(query, stored, passages);
        return { document: stored, job: await insertJob(query, stored, now) };
      });
    } catch (error) {
      if (constraintOf(error) === 'documents_project_fkey') throw new ProjectNotFound(facts.projectId!);
      throw error;
    }
  }

  async find(id: string): Promise<KnowledgeDocument | null> {
    if (!isUuid(id)) return null;
    const [row] = await this.database.query<KnowledgeDocument>(
      `SELECT ${COLUMNS} FROM documents WHERE id = $1`,
      [id],
    );
    return row ?? null;
  }

  async list(
    projectIds: ProjectScope,
    limit: number,
    cursor: string | null,
  ): Promise<Page<KnowledgeDocument>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    const rows = await this.database.query<KnowledgeDocument>(
      `SELECT ${COLUMNS} FROM documents
       WHERE (project_id IS NULL OR $1::uuid[] IS NULL OR project_id = ANY ($1))
         AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $4`,
      [projectIds?.filter(isUuid) ?? null, after?.openedAt ?? null, after?.id ?? null, limit + 1],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const isMore = last !== undefined && rows.length > limit;
    return { items, nextCursor: isMore ? encodeCursor({ openedAt: last.createdAt, id: last.id }) : null };
  }

  async delete(id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    const rows = await this.database.query('DELETE FROM documents WHERE id = $1 RETURNING id', [id]);
    return rows.length > 0;
  }

  async unembedded(documentId: string, model: string, limit: number): Promise<readonly Passage[]> {
    if (!isUuid(documentId)) return [];
    return this.database.query<Passage>(
      `SELECT position, headings, text FROM passages
       WHERE document_id = $1 AND model IS DISTINCT FROM $2 ORDER BY position LIMIT $3`,
      [documentId, model, limit],
    );
  }

  async saveEmbeddings(
    hold: JobHold,
    model: string,
    embeddings: ReadonlyMap<number, Float32Array>,
  ): Promise<boolean> {
    const dimensions = await this.dimensions();
    for (const embedding of embeddings.values()) assertEmbedding(embedding, dimensions);
    return this.database.transaction(async (query) => {
      const held = await query(
        `UPDATE background_jobs SET updated_at = $3 WHERE id = $1 AND sequence = $2 AND state = 'running'
         RETURNING id`,
        [hold.id, hold.sequence, this.database.clock.now()],
      );
      if (held.length === 0) return false;
      await query(
        `UPDATE passages p SET model = $2, embedding = made.embedding::vector
         FROM unnest($3::integer[], $4::text[]) AS made (position, embedding)
         WHERE p.document_id = $1 AND p.position = made.position`,
        [hold.documentId, model, [...embeddings.keys()], [...embeddings.values()].map(toVector)],
      );
      await query(
        `UPDATE background_jobs SET done = (
           SELECT count(*) FROM passages WHERE document_id = $2 AND model = $3) WHERE id = $1`,
        [hold.id, hold.documentId, model],
      );
      return true;
    });
  }

  async publish({ id, sequence }: JobHold): Promise<boolean> {
    const rows = await this.database.query(
      `WITH finished AS (
         UPDATE background_jobs SET state = 'done', done = total, error = NULL, finished_at = $3, updated_at = $3
         WHERE id = $1 AND sequence = $2 AND state = 'running' RETURNING document_id
       ), published AS (
         UPDATE documents SET status = 'ready', ready_at = $3 WHERE id IN (SELECT document_id FROM finished)
         RETURNING id, project_id, url
       ), superseded AS (
         DELETE FROM documents old USING published new
         WHERE old.url = new.url AND old.project_id IS NOT DISTINCT FROM new.project_id AND old.id <> new.id
           AND old.status = 'ready'
       )
       SELECT id FROM published`,
      [id, sequence, this.database.clock.now()],
    );
    return rows.length > 0;
  }

  async findPassages(query: PassageQuery): Promise<readonly FoundPassage[]> {
    const dimensions = await this.dimensions();
    if (query.embedding !== null) assertEmbedding(query.embedding, dimensions);
    return this.database.transaction((sql) => searchPassages(sql, dimensions, query));
  }

  /** Dimensions that the database keeps. */
  async dimensions(): Promise<number> {
    return (this.known ??= await columnDimensions(this.database.query, 'passages'));
  }

  /** After the column was changed. */
  forgetDimensions(): void {
    this.known = null;
  }
}

/** Null where the same content is there. */
async function insertDocument(
  query: Query,
  facts: Omit<NewDocument, 'passages'>,
  passages: number,
  now: Date,
): Promise<KnowledgeDocument | null> {
  const { projectId, title, origin, filename, url, contentType, sizeBytes, contentHash } = facts;
  const [row] = await query<KnowledgeDocument>(
    `INSERT INTO documents (project_id, title, origin, filename, url, content_type, size_bytes, content_hash, status,
       passages, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10) ON CONFLICT ${CONTENT_KEY} DO NOTHING
     RETURNING ${COLUMNS}`,
    [projectId, title, origin, filename, url, contentType, sizeBytes, contentHash, passages, now],
  );
  return row ?? null;
}

async function insertPassages(
  query: Query,
  { id, projectId, title }: KnowledgeDocument,
  passages: readonly Passage[],
): Promise<void> {
  const rows = passages.map(({ position, headings, text }) => ({
    position,
    headings,
    heading: [title, ...headings].join(HEADING_SEPARATOR),
    text,
  }));
  await query(
    `INSERT INTO passages (document_id, project_id, position, headings, heading, text)
     SELECT $1, $2, position, ARRAY(SELECT jsonb_array_elements_text(headings)), heading, text
     FROM jsonb_to_recordset($3::jsonb) AS rows (position integer, headings jsonb, heading text, text text)`,
    [id, projectId, JSON.stringify(rows)],
  );
}

async function insertJob(
  query: Query,
  { id, projectId, passages }: KnowledgeDocument,
  now: Date,
): Promise<BackgroundJob> {
  const [job] = await query<BackgroundJob>(
    `INSERT INTO background_jobs AS j (kind, project_id, document_id, state, done, total, attempts, sequence, created_at,
       updated_at)
     VALUES ('ingest-document', $1, $2, 'queued', 0, $3, 0, 1, $4, $4) RETURNING ${JOB_COLUMNS}`,
    [projectId, id, passages, now],
  );
  return job!;
}
