/** Whose texts they are: goes to the usage ledger, and into that project's budgets. */
export interface EmbeddingSubject {
  /** Null: of no project. */
  readonly projectId: string | null;
  readonly incidentId?: string;
}

/** Texts → unit vectors of `dimensions` floats. */
export abstract class Embedder {
  abstract readonly model: string;
  abstract readonly dimensions: number;
  /** Whether texts leave our own network. */
  abstract readonly isOutside: boolean;
  /** One vector a text, in the same order. @throws ExternalFailure */
  abstract embed(
    texts: readonly string[],
    signal?: AbortSignal,
    subject?: EmbeddingSubject,
  ): Promise<Float32Array[]>;
}
