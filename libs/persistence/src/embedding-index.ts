import type { Embedder } from '@app/domain';
import type { Database } from './database.js';
import { comparedAs, isHalfPrecision } from './compared-as.js';
import type { PostgresSimilaritySearch } from './repositories/postgres-similarity-search.js';

const BATCH = 64;

/** The table of embeddings as a whole: how wide it is, and how it is made for another embedder. */
export class EmbeddingIndex {
  constructor(
    private readonly database: Database,
    private readonly search: PostgresSimilaritySearch,
  ) {}

  /** Dimensions that the database keeps. */
  dimensions(): Promise<number> {
    return this.search.dimensions();
  }

  /**
   * Drops all embeddings, makes room for the embedder's dimensions, and embeds every incident's signature anew. Begun
   * again after a failure it starts from the beginning. Returns how many incidents were embedded.
   * @throws ExternalFailure when the embedder or the database is away
   */
  async rebuild(embedder: Embedder, onProgress: (done: number) => void = () => undefined): Promise<number> {
    const { dimensions } = embedder;
    if (!Number.isInteger(dimensions)) throw new TypeError('Dimensions are a whole number.');
    const indexed = isHalfPrecision(dimensions)
      ? `(${comparedAs('embedding', dimensions)}) halfvec_cosine_ops`
      : 'embedding vector_cosine_ops';
    await this.database.transaction(async (query) => {
      await query('DROP INDEX incident_embeddings_vector_idx');
      await query('TRUNCATE incident_embeddings');
      await query(`ALTER TABLE incident_embeddings ALTER COLUMN embedding TYPE vector(${dimensions})`);
      await query(
        `CREATE INDEX incident_embeddings_vector_idx ON incident_embeddings USING hnsw (${indexed})`,
      );
    });
    this.search.forgetDimensions();
    return this.embedAll(embedder, onProgress);
  }

  private async embedAll(embedder: Embedder, onProgress: (done: number) => void): Promise<number> {
    let done = 0;
    let last = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.database.query<{ id: string; signature: string }>(
        `SELECT i.id, p.signature FROM incidents i JOIN patterns p ON p.id = i.pattern_id
         WHERE i.id > $1 ORDER BY i.id LIMIT $2`,
        [last, BATCH],
      );
      if (rows.length === 0) return done;
      const vectors = await embedder.embed(rows.map(({ signature }) => signature));
      for (const [index, { id }] of rows.entries()) {
        await this.search.index(id, embedder.model, vectors[index]!);
      }
      done += rows.length;
      last = rows.at(-1)!.id;
      onProgress(done);
    }
  }
}
