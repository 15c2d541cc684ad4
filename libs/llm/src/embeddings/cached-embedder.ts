import { hashOf } from '@app/cache';
import { Cache, Embedder, type CacheKey, type EmbeddingSubject } from '@app/domain';

/** Embeds a text once. Vectors are cached as packed 32-bit floats. */
export class CachedEmbedder implements Embedder {
  constructor(
    private readonly inner: Embedder,
    private readonly cache: Cache,
  ) {}

  get model(): string {
    return this.inner.model;
  }

  get isOutside(): boolean {
    return this.inner.isOutside;
  }

  get dimensions(): number {
    return this.inner.dimensions;
  }

  async embed(
    texts: readonly string[],
    signal?: AbortSignal,
    subject?: EmbeddingSubject,
  ): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    const keys = texts.map((text) => this.keyOf(text));
    const held = await this.cache.getMany<unknown>(keys);
    const known = held.map((vector) => (this.isVector(vector) ? vector : null));
    // A text that stands twice among them is embedded once.
    const missing = [...new Set(texts.filter((_, index) => known[index] === null))];
    if (missing.length === 0) return known as Float32Array[];
    const made = await this.inner.embed(missing, signal, subject);
    const fresh = new Map(missing.map((text, index) => [text, made[index]!]));
    await this.cache.setMany([...fresh].map(([text, value]) => ({ key: this.keyOf(text), value })));
    return texts.map((text, index) => known[index] ?? fresh.get(text)!);
  }

  private keyOf(text: string): CacheKey {
    const model = this.model.replaceAll(':', '_');
    return { operation: 'llm.embedding', id: `${model}:${this.dimensions}:${hashOf(text)}` };
  }

  private isVector(held: unknown): held is Float32Array {
    return held instanceof Float32Array && held.length === this.dimensions;
  }
}
