import type { FailureCategory } from '../failure-taxonomy.js';
import type { SimilarIncident } from '../failure-context.js';

export interface SimilarityQuery {
  /** Only incidents of these projects are ever answered; null = of all, for callers who may see all. */
  readonly projectIds: readonly string[] | null;
  readonly embedding: Float32Array;
  /**
   * The normalised signature that the embedding stands for. Incidents that share rare words with it are ranked before
   * others of the same nearness.
   */
  readonly text?: string;
  /** Only what this embedder made: vectors of two models say nothing of each other. */
  readonly model?: string;
  readonly excludeIncidentId?: string;
  readonly category?: FailureCategory;
  readonly resolvedOnly?: boolean;
  /** Only resolved ones whose workflow and job were seen to pass again. */
  readonly verifiedOnly?: boolean;
  /** Only incidents that last failed within so many milliseconds. */
  readonly withinMs?: number;
  /** Least cosine similarity, 0 to 1. Default: the configuration's, 0.7. */
  readonly threshold?: number;
  /** 1 to 100. Default: the configuration's, 5. */
  readonly limit?: number;
}

/** What is kept of an incident for the search. */
export interface StoredEmbedding {
  readonly model: string;
  readonly embedding: Float32Array;
  /** The signature that it was made of; null when its pattern is gone. */
  readonly text: string | null;
}

export abstract class SimilaritySearch {
  /** Stores the embedding of an incident's signature. @throws InvalidInput on a wrong dimension or NaN */
  abstract index(incidentId: string, model: string, embedding: Float32Array): Promise<void>;
  /**
   * Stores for an incident the embedding that another one of its pattern has of the same model: what fails alike is embedded
   * once. False when there is none.
   */
  abstract indexAlike(incidentId: string, model: string): Promise<boolean>;
  /**
   * The nearest incidents above the threshold, best first: ranks by vector and by words, fused, and weighed by what
   * became of each incident's diagnosis.
   * @throws InvalidInput on a wrong dimension, NaN, an empty text, or a threshold or limit out of bounds
   */
  abstract find(query: SimilarityQuery): Promise<SimilarIncident[]>;
  /** Null when the incident was never embedded. */
  abstract embeddingOf(incidentId: string): Promise<StoredEmbedding | null>;
}
