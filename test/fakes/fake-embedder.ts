import { createHash } from 'node:crypto';
import { Embedder } from '@app/domain';

/**
 * Deterministic unit vectors: equal texts have cosine 1, and a text's words pull its vector, so that texts sharing
 * words are nearer than texts that share none. Counts its calls; `fail` makes the next call throw.
 */
export class FakeEmbedder implements Embedder {
  readonly model = 'fake-embedder';
  isOutside = false;
  readonly calls: (readonly string[])[] = [];
  private failure: Error | null = null;

  constructor(readonly dimensions = 768) {}

  fail(error: Error): void {
    this.failure = error;
  }

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    this.calls.push(texts);
    const failure = this.failure;
    this.failure = null;
    if (failure) throw failure;
    return texts.map((text) => this.vector(text));
  }

  private vector(text: string): Float32Array {
    const vector = new Float32Array(this.dimensions);
    for (const word of ['', ...text.toLowerCase().split(/\s+/)]) {
      const hash = createHash('sha256').update(word).digest();
      const slot = hash.readUInt32LE(0) % this.dimensions;
      vector[slot] = vector[slot]! + 1;
    }
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  }
}
