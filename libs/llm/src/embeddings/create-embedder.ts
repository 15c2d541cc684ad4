import type { Cache, Embedder } from '@app/domain';
import { CachedEmbedder } from './cached-embedder.js';
import { HashedNgramEmbedder } from './hashed-ngram-embedder.js';

/** The embedder of the product: cached → the local one. */
export function createEmbedder(cache: Cache): Embedder {
  return new CachedEmbedder(new HashedNgramEmbedder(), cache);
}
