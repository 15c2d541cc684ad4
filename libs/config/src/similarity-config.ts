import type { Env } from './env-schema.js';

/** How similar incidents are searched, and what the index over their embeddings is made with. */
export interface SimilarityConfig {
  /** Least cosine similarity, 0 to 1. */
  readonly threshold: number;
  /** Incidents an answer holds at most. */
  readonly limit: number;
  readonly index: VectorIndexConfig;
}

/** Of pgvector's HNSW index. */
export interface VectorIndexConfig {
  /** Links of a vector to others. */
  readonly m: number;
  /** Candidates that are looked at while a vector is put in. */
  readonly efConstruction: number;
  /** Candidates that a search holds: more find more of the nearest, and take longer. */
  readonly efSearch: number;
}

/** Adds to `problems` what is wrong. */
export function similarityConfig(env: Env, problems: string[]): SimilarityConfig {
  const { VECTOR_INDEX_M: m, VECTOR_INDEX_EF_CONSTRUCTION: efConstruction } = env;
  if (efConstruction < 2 * m) {
    problems.push(
      `VECTOR_INDEX_EF_CONSTRUCTION: ${efConstruction} is below twice VECTOR_INDEX_M (${m}), which pgvector refuses. Set at least ${2 * m}.`,
    );
  }
  return {
    threshold: env.SIMILARITY_THRESHOLD,
    limit: env.SIMILARITY_LIMIT,
    index: { m, efConstruction, efSearch: env.VECTOR_EF_SEARCH },
  };
}
