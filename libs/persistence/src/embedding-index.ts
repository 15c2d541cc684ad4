import type { VectorIndexConfig } from '@app/config';
import type { Embedder } from '@app/domain';
import type { Database, Query } from './database.js';
import { comparedAs, isHalfPrecision } from './compared-as.js';
import type { PostgresSimilaritySearch } from './repositories/postgres-similarity-search.js';

const BATCH = 64;
const INDEX = 'incident_embeddings_vector_idx';
/** The graph of 100,000 vectors of 768 fits; one that doesn't is built several times slower. */
const BUILD_MEMORY_MB = 512;

/** What the index was made with, where the configuration asks for something else. */
export interface OutdatedIndex {
  readonly made: Pick<VectorIndexConfig, 'm' | 'efConstruction'>;
  readonly configured: Pick<VectorIndexConfig, 'm' | 'efConstruction'>;
}

/** The table of embeddings as a whole: how wide it is, how its index is made, and how both are changed. */
export class EmbeddingIndex {
  constructor(
    private readonly database: Database,
    private readonly search: PostgresSimilaritySearch,
    private readonly config: VectorIndexConfig,
  ) {}

  /** Dimensions that the database keeps. */
  dimensions(): Promise<number> {
    return this.search.dimensions();
  }

  /** Null when the index is made as the configuration says. */
  async outdated(): Promise<OutdatedIndex | null> {
    const [row] = await this.database.query<{ options: string[] | null }>(
      `SELECT reloptions AS options FROM pg_class WHERE oid = to_regclass($1)`,
      [INDEX],
    );
    const options = new Map(row?.options?.map((option) => option.split('=', 2) as [string, string]) ?? []);
    // pgvector's own defaults stand for what an index doesn't say.
    const made = {
      m: Number(options.get('m') ?? 16),
      efConstruction: Number(options.get('ef_construction') ?? 64),
    };
    const { m, efConstruction } = this.config;
    if (row !== undefined && made.m === m && made.efConstruction === efConstruction) return null;
    return { made, configured: { m, efConstruction } };
  }

  /** Makes the index anew as the configuration says; searches wait until it is there. */
  async reindex(): Promise<void> {
    const dimensions = await this.dimensions();
    await this.database.transaction(async (query) => {
      await query(`DROP INDEX IF EXISTS ${INDEX}`);
      await this.createIndex(query, dimensions);
    });
  }

  /**
   * Drops all embeddings, makes room for the embedder's dimensions, and embeds every incident's signature anew, but for
   * those of projects whose text an outside embedder must not see. Begun again after a failure it starts from the beginning. Returns how many incidents were embedded.
   * @throws ExternalFailure when the embedder or the database is away
   */
  async rebuild(embedder: Embedder, onProgress: (done: number) => void = () => undefined): Promise<number> {
    const { dimensions } = embedder;
    if (!Number.isInteger(dimensions)) throw new TypeError('Dimensions are a whole number.');
    await this.database.transaction(async (query) => {
      await query(`DROP INDEX IF EXISTS ${INDEX}`);
      await query('TRUNCATE incident_embeddings');
      await query(`ALTER TABLE incident_embeddings ALTER COLUMN embedding TYPE vector(${dimensions})`);
      await this.createIndex(query, dimensions);
    });
    this.search.forgetDimensions();
    return this.embedAll(embedder, onProgress);
  }

  private async createIndex(query: Query, dimensions: number): Promise<void> {
    const indexed = isHalfPrecision(dimensions)
      ? `(${comparedAs('embedding', dimensions)}) halfvec_cosine_ops`
      : 'embedding vector_cosine_ops';
    const { m, efConstruction } = this.config;
    await query(
      `SELECT set_config('maintenance_work_mem', $1, true) FROM pg_settings
       WHERE name = 'maintenance_work_mem' AND setting::bigint < $2::bigint`,
      [`${BUILD_MEMORY_MB}MB`, BUILD_MEMORY_MB * 1_024],
    );
    await query(
      `CREATE INDEX ${INDEX} ON incident_embeddings USING hnsw (${indexed})
       WITH (m = ${m}, ef_construction = ${efConstruction})`,
    );
  }

  private async embedAll(embedder: Embedder, onProgress: (done: number) => void): Promise<number> {
    let done = 0;
    let last = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.database.query<{ id: string; signature: string }>(
        `SELECT i.id, p.signature FROM incidents i JOIN patterns p ON p.id = i.pattern_id
         WHERE i.id > $1 AND NOT ($3 AND EXISTS (
           SELECT FROM model_policies kept WHERE kept.project_id = i.project_id AND NOT kept.allows_outside_model))
         ORDER BY i.id LIMIT $2`,
        [last, BATCH, embedder.isOutside],
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
