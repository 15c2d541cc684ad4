import {
  IncidentNotFound,
  type SimilarIncident,
  type SimilarityQuery,
  type SimilaritySearch,
} from '@app/domain';
import type { Database } from '../database.js';
import { comparedAs } from '../compared-as.js';
import { assertEmbedding, columnDimensions, toVector } from './embedding-value.js';
import { isUuid } from './uuid.js';

const DEFAULT_THRESHOLD = 0.7;
const DEFAULT_LIMIT = 5;

/** Nearest neighbours by cosine, over pgvector's HNSW index. */
export class PostgresSimilaritySearch implements SimilaritySearch {
  /** Of the column, read once: it changes only by a rebuild, after which the product is started anew. */
  private known: number | null = null;

  constructor(private readonly database: Database) {}

  async index(incidentId: string, model: string, embedding: Float32Array): Promise<void> {
    assertEmbedding(embedding, await this.dimensions());
    if (!isUuid(incidentId)) throw new IncidentNotFound(incidentId);
    const rows = await this.database.query(
      `INSERT INTO incident_embeddings (incident_id, project_id, model, embedding, indexed_at)
       SELECT id, project_id, $2, $3, $4 FROM incidents WHERE id = $1
       ON CONFLICT (incident_id) DO UPDATE
         SET model = excluded.model, embedding = excluded.embedding, indexed_at = excluded.indexed_at
       RETURNING incident_id`,
      [incidentId, model, toVector(embedding), this.database.clock.now()],
    );
    if (rows.length === 0) throw new IncidentNotFound(incidentId);
  }

  async find(query: SimilarityQuery): Promise<SimilarIncident[]> {
    const dimensions = await this.dimensions();
    assertEmbedding(query.embedding, dimensions);
    const distance = `${comparedAs('embedding', dimensions)} <=> ${comparedAs('$1', dimensions)}`;
    const exclude = query.excludeIncidentId;
    const rows = await this.database.transaction(async (sql) => {
      // The index knows nothing of projects: it goes on until enough of the caller's own were found.
      await sql('SET LOCAL hnsw.iterative_scan = strict_order');
      return sql<SimilarIncident>(
        `SELECT near.incident_id AS "incidentId", greatest(0, least(1, 1 - near.distance)) AS score, i.category,
           i.root_cause AS "rootCause", d.solution->>'summary' AS solution, i.status = 'resolved' AS resolved
         FROM (
           SELECT incident_id, ${distance} AS distance FROM incident_embeddings
           WHERE project_id = ANY ($2) AND ($3::uuid IS NULL OR incident_id <> $3)
             AND ($6::text IS NULL OR model = $6)
           ORDER BY ${distance} LIMIT $4
         ) AS near
         JOIN incidents i ON i.id = near.incident_id
         LEFT JOIN diagnoses d ON d.id = i.diagnosis_id
         WHERE 1 - near.distance >= $5
         ORDER BY near.distance`,
        [
          toVector(query.embedding),
          query.projectIds.filter(isUuid),
          exclude !== undefined && isUuid(exclude) ? exclude : null,
          query.limit ?? DEFAULT_LIMIT,
          query.threshold ?? DEFAULT_THRESHOLD,
          query.model ?? null,
        ],
      );
    });
    return [...rows];
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
