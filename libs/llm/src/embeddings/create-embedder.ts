import type { Config } from '@app/config';
import type { Cache, Clock, Embedder, Log, UsageLedger } from '@app/domain';
import { CachedEmbedder } from './cached-embedder.js';
import { HashedNgramEmbedder } from './hashed-ngram-embedder.js';
import { OpenAiEmbedder } from './openai-embedder.js';

export interface EmbedderParts {
  readonly cache: Cache;
  readonly ledger: UsageLedger;
  readonly clock: Clock;
  readonly log: Log;
}

/** The embedder of the product: cached → the configured one, or the local one. */
export function createEmbedder({ embedding }: Pick<Config, 'embedding'>, parts: EmbedderParts): Embedder {
  const inner = embedding === null ? new HashedNgramEmbedder() : new OpenAiEmbedder(embedding, parts);
  return new CachedEmbedder(inner, parts.cache);
}
