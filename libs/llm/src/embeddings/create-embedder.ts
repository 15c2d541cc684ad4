import type { Config } from '@app/config';
import type {
  Cache,
  Clock,
  Embedder,
  EventBus,
  Log,
  ModelPolicies,
  SpendingBudget,
  UsageLedger,
} from '@app/domain';
import { SpendingGuard } from '../spending-guard.js';
import { BudgetedEmbedder } from './budgeted-embedder.js';
import { CachedEmbedder } from './cached-embedder.js';
import { HashedNgramEmbedder } from './hashed-ngram-embedder.js';
import { OpenAiEmbedder } from './openai-embedder.js';

export interface EmbedderParts {
  readonly cache: Cache;
  readonly ledger: UsageLedger;
  readonly budget: SpendingBudget;
  readonly policies: ModelPolicies;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Log;
}

/** The embedder of the product: cached → budgeted → the configured one; or cached → the local one. */
export function createEmbedder({ embedding }: Pick<Config, 'embedding'>, parts: EmbedderParts): Embedder {
  if (embedding === null) return new CachedEmbedder(new HashedNgramEmbedder(), parts.cache);
  const guard = new SpendingGuard(embedding.budget, parts);
  const budgeted = new BudgetedEmbedder(new OpenAiEmbedder(embedding, parts), embedding, guard);
  return new CachedEmbedder(budgeted, parts.cache);
}
