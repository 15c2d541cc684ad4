import type { EmbeddingConfig } from '@app/config';
import { Embedder, ExternalFailure, type EmbeddingSubject, type Spending } from '@app/domain';
import { addSpending, NOTHING_SPENT, type SpendingGuard } from '../spending-guard.js';
import { charsOf, mostTokens } from '../tokens.js';
import type { OpenAiEmbedder } from './openai-embedder.js';

/**
 * Counts embeddings in the same budgets as every other call of a model: reserved before, corrected after. Past a limit
 * nobody is asked, as for a project that lets nothing out to an embedder outside.
 */
export class BudgetedEmbedder implements Embedder {
  constructor(
    private readonly inner: OpenAiEmbedder,
    private readonly config: EmbeddingConfig,
    private readonly guard: SpendingGuard,
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

  /** @throws ExternalFailure `llm_budget_exhausted`, `llm_forbidden_by_project`, `database_away`, and the embedder's own */
  async embed(
    texts: readonly string[],
    signal?: AbortSignal,
    subject?: EmbeddingSubject,
  ): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    const id = subject?.projectId ?? null;
    const project = id === null ? null : { id, policy: await this.guard.policyOf(id) };
    if (this.isOutside && project?.policy.allowsOutsideModel === false) {
      throw refused('llm_forbidden_by_project', 'The project lets nothing be sent outside our network');
    }
    const reservation = await this.guard.reserve(project, this.mostOf(texts));
    if ('refused' in reservation) throw refused('llm_budget_exhausted', reservation.refused);
    let spent = NOTHING_SPENT;
    try {
      return await this.inner.embed(texts, signal, subject, (tried) => {
        // Nobody told us: it is taken for all it can be.
        spent = addSpending(spent, tried ?? this.mostOfOneTry(texts));
      });
    } finally {
      await this.guard.settle(reservation, spent);
    }
  }

  private mostOf(texts: readonly string[]): Spending {
    const one = this.mostOfOneTry(texts);
    const { maxAttempts, batchSize } = this.config;
    return {
      costUsd: one.costUsd * maxAttempts,
      tokens: one.tokens * maxAttempts,
      calls: Math.ceil(texts.length / batchSize) * maxAttempts,
    };
  }

  private mostOfOneTry(texts: readonly string[]): Spending {
    const { maxTokens, priceUsdPerMillion } = this.config;
    const tokens = texts.reduce((sum, text) => sum + mostTokens(text.slice(0, charsOf(maxTokens))) + 1, 0);
    return { calls: 1, tokens, costUsd: (tokens * priceUsdPerMillion) / 1_000_000 };
  }
}

function refused(code: string, reason: string): ExternalFailure {
  return new ExternalFailure(`Nothing is embedded: ${reason}.`, { code, retryable: false });
}
