import type { SimilarityConfig, VectorIndexConfig } from '@app/config';
import {
  IncidentNotFound,
  InvalidInput,
  type SimilarIncident,
  type SimilarityQuery,
  type SimilaritySearch,
  type StoredEmbedding,
} from '@app/domain';
import type { Database } from '../database.js';
import { assertEmbedding, columnDimensions, toVector } from './embedding-value.js';
import { RareWords } from './rare-words.js';
import { similarityStatement } from './similarity-statement.js';
import { isUuid } from './uuid.js';

const MAX_LIMIT = 100;

/** What the connections of a search are told: to go on over the index until enough of those asked for were found. */
export function searchSettings({ efSearch }: VectorIndexConfig): Record<string, string> {
  // Ordered again anyway, with the ranking by words: strictly in order it would only be slower.
  return { 'hnsw.iterative_scan': 'relaxed_order', 'hnsw.ef_search': String(efSearch) };
}

/** Nearest neighbours by cosine over pgvector's HNSW index, and by words over a text index, fused. */
export class PostgresSimilaritySearch implements SimilaritySearch {
  /** Of the column, read once: it changes only by a rebuild, after which the product is started anew. */
  private known: number | null = null;
  private readonly rareWords: RareWords;

  constructor(
    private readonly database: Database,
    private readonly config: SimilarityConfig,
  ) {
    this.rareWords = new RareWords(database);
  }

  async index(incidentId: string, model: string, embedding: Float32Array): Promise<void> {
    assertEmbedding(embedding, await this.dimensions());
    if (!isUuid(incidentId)) throw new IncidentNotFound(incidentId);
    const rows = await this.database.query(
      `INSERT INTO incident_embeddings (incident_id, project_id, model, embedding, words, indexed_at)
       SELECT i.id, i.project_id, $2, $3, search_words(coalesce(p.signature, '')), $4
       FROM incidents i LEFT JOIN patterns p ON p.id = i.pattern_id WHERE i.id = $1
       ON CONFLICT (incident_id) DO UPDATE SET model = excluded.model, embedding = excluded.embedding,
         words = excluded.words, indexed_at = excluded.indexed_at
       RETURNING incident_id`,
      [incidentId, model, toVector(embedding), this.database.clock.now()],
    );
    if (rows.length === 0) throw new IncidentNotFound(incidentId);
  }

  async indexAlike(incidentId: string, model: string): Promise<boolean> {
    if (!isUuid(incidentId)) throw new IncidentNotFound(incidentId);
    const rows = await this.database.query(
      `INSERT INTO incident_embeddings (incident_id, project_id, model, embedding, words, indexed_at)
       SELECT i.id, i.project_id, e.model, e.embedding, e.words, $3
       FROM incidents i CROSS JOIN LATERAL (
         SELECT known.model, known.embedding, known.words
         FROM incidents o JOIN incident_embeddings known ON known.incident_id = o.id
         WHERE o.pattern_id = i.pattern_id AND known.model = $2 LIMIT 1) AS e
       WHERE i.id = $1
       ON CONFLICT (incident_id) DO UPDATE SET model = excluded.model, embedding = excluded.embedding,
         words = excluded.words, indexed_at = excluded.indexed_at
       RETURNING incident_id`,
      [incidentId, model, this.database.clock.now()],
    );
    return rows.length > 0;
  }

  async find(query: SimilarityQuery): Promise<SimilarIncident[]> {
    const dimensions = await this.dimensions();
    assertEmbedding(query.embedding, dimensions);
    const { threshold = this.config.threshold, limit = this.config.limit, text } = query;
    assertBounds(threshold, limit);
    if (text?.trim() === '') throw new InvalidInput('The text to search similar incidents by is empty.');
    const words = text === undefined ? null : await this.rareWords.queryOf(text);
    const now = this.database.clock.now();
    const { sql, values } = similarityStatement(query, { dimensions, threshold, limit, words, now });
    return [...(await this.database.query<SimilarIncident>(sql, values))];
  }

  async embeddingOf(incidentId: string): Promise<StoredEmbedding | null> {
    if (!isUuid(incidentId)) return null;
    const [row] = await this.database.query<{ model: string; embedding: string; text: string | null }>(
      `SELECT e.model, e.embedding::text AS embedding, p.signature AS text FROM incident_embeddings e
       JOIN incidents i ON i.id = e.incident_id LEFT JOIN patterns p ON p.id = i.pattern_id
       WHERE e.incident_id = $1`,
      [incidentId],
    );
    if (!row) return null;
    return { ...row, embedding: Float32Array.from(JSON.parse(row.embedding) as number[]) };
  }

  /** Dimensions that the database keeps. */
  async dimensions(): Promise<number> {
    return (this.known ??= await columnDimensions(this.database.query, 'incident_embeddings'));
  }

  /** After the column was changed. */
  forgetDimensions(): void {
    this.known = null;
  }
}

/** @throws InvalidInput */
function assertBounds(threshold: number, limit: number): void {
  if (!(threshold >= 0 && threshold <= 1))
    throw new InvalidInput(`The threshold of a similarity is 0 to 1; this one is ${threshold}.`);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT))
    throw new InvalidInput(`The limit of a search is 1 to ${MAX_LIMIT}; this one is ${limit}.`);
}
