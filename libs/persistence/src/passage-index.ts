import type { VectorIndexConfig } from '@app/config';
import type { Embedder } from '@app/domain';
import { comparedAs, isHalfPrecision } from './compared-as.js';
import type { Database } from './database.js';
import { toVector } from './repositories/embedding-value.js';
import type { PostgresKnowledgeRepository } from './repositories/postgres-knowledge-repository.js';

const BATCH = 64;
const INDEX = 'passages_vector_idx';

interface PassageRow {
  readonly documentId: string;
  readonly position: number;
  readonly heading: string;
  readonly text: string;
}

/** The embeddings of passages as a whole: how wide they are, and how they are made for another embedder. */
export class PassageIndex {
  constructor(
    private readonly database: Database,
    private readonly knowledge: PostgresKnowledgeRepository,
    private readonly config: VectorIndexConfig,
  ) {}

  /** Dimensions that the database keeps. */
  dimensions(): Promise<number> {
    return this.knowledge.dimensions();
  }

  /**
   * Makes room for the embedder's dimensions and embeds the passages of every document that is ready anew; what a
   * project keeps from outside embedders is left to be found by its words. Begun again after a failure it starts from
   * the beginning. Returns how many passages were embedded.
   * @throws ExternalFailure when the embedder or the database is away
   */
  async rebuild(embedder: Embedder): Promise<number> {
    const { dimensions } = embedder;
    if (!Number.isInteger(dimensions)) throw new TypeError('Dimensions are a whole number.');
    const { m, efConstruction } = this.config;
    const indexed = isHalfPrecision(dimensions)
      ? `(${comparedAs('embedding', dimensions)}) halfvec_cosine_ops`
      : 'embedding vector_cosine_ops';
    await this.database.transaction(async (query) => {
      await query(`DROP INDEX IF EXISTS ${INDEX}`);
      await query('UPDATE passages SET model = NULL, embedding = NULL');
      await query(
        `ALTER TABLE passages ALTER COLUMN embedding TYPE vector(${dimensions}) USING NULL::vector(${dimensions})`,
      );
      await query(
        `CREATE INDEX ${INDEX} ON passages USING hnsw (${indexed})
         WITH (m = ${m}, ef_construction = ${efConstruction})`,
      );
    });
    this.knowledge.forgetDimensions();
    return this.embedAll(embedder);
  }

  private async embedAll(embedder: Embedder): Promise<number> {
    let done = 0;
    for (;;) {
      // Those of a document whose job still runs are its job's.
      const rows = await this.database.query<PassageRow>(
        `SELECT p.document_id AS "documentId", p.position, p.heading, p.text
         FROM passages p JOIN documents d ON d.id = p.document_id
         WHERE p.model IS NULL AND d.status = 'ready' AND NOT ($1 AND EXISTS (
           SELECT FROM model_policies kept WHERE kept.project_id = p.project_id AND NOT kept.allows_outside_model))
         ORDER BY p.document_id, p.position LIMIT $2`,
        [embedder.isOutside, BATCH],
      );
      if (rows.length === 0) return done;
      const vectors = await embedder.embed(rows.map(({ heading, text }) => `${heading}\n${text}`));
      await this.database.query(
        `UPDATE passages p SET model = $1, embedding = made.embedding::vector
         FROM unnest($2::uuid[], $3::integer[], $4::text[]) AS made (document_id, position, embedding)
         WHERE p.document_id = made.document_id AND p.position = made.position`,
        [
          embedder.model,
          rows.map(({ documentId }) => documentId),
          rows.map(({ position }) => position),
          vectors.map(toVector),
        ],
      );
      done += rows.length;
    }
  }
}
