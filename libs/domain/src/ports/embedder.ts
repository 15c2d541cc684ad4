/** Texts → unit vectors of `dimensions` floats. */
export abstract class Embedder {
  abstract readonly model: string;
  abstract readonly dimensions: number;
  /** Whether texts leave our own network. */
  abstract readonly isOutside: boolean;
  /** One vector a text, in the same order. @throws ExternalFailure */
  abstract embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}
