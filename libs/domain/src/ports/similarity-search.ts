import type { SimilarIncident } from '../failure-context.js';

export interface SimilarityQuery {
  /** Only incidents of these projects are ever answered. */
  readonly projectIds: readonly string[];
  readonly embedding: Float32Array;
  /** Only what this embedder made: vectors of two models say nothing of each other. */
  readonly model?: string;
  readonly excludeIncidentId?: string;
  /** Least cosine similarity, default 0.7. */
  readonly threshold?: number;
  /** Default 5. */
  readonly limit?: number;
}

export abstract class SimilaritySearch {
  /** Stores the embedding of an incident's signature. @throws InvalidInput on a wrong dimension or NaN */
  abstract index(incidentId: string, model: string, embedding: Float32Array): Promise<void>;
  abstract find(query: SimilarityQuery): Promise<SimilarIncident[]>;
}
