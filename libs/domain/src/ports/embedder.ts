/** Texts → unit vectors of `dimensions` floats. */
export abstract class Embedder {
  abstract readonly model: string;
  abstract readonly dimensions: number;
  /** One vector a text, in the same order. @throws ExternalFailure */
  abstract embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
}
