import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddingConfig } from '@app/config';
import {
  Embedder,
  ExternalFailure,
  type Clock,
  type EmbeddingSubject,
  type Log,
  type Spending,
  type UsageLedger,
} from '@app/domain';
import type { OpenAI } from 'openai';
import { z } from 'zod';
import { llmFailure } from '../openai/llm-failure.js';
import { openAiClient } from '../openai/structured-chat.js';
import { charsOf, estimatedTokens } from '../tokens.js';

const BACKOFF_BASE_MS = 500;
/** An embedding is an aid: nobody waits longer than this for the next try. */
const LONGEST_PAUSE_MS = 5_000;

const responseSchema = z.object({
  data: z.array(z.object({ index: z.number().int().min(0), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.number().min(0) }).nullish(),
});

export interface EmbeddingTools {
  readonly ledger: UsageLedger;
  readonly clock: Clock;
  readonly log: Log;
}

/** Embeddings of any server that speaks OpenAI's API: in batches, too long texts cut, vectors at unit length. */
export class OpenAiEmbedder implements Embedder {
  readonly model: string;
  readonly dimensions: number;
  readonly isOutside: boolean;
  private readonly client: OpenAI;
  /** Models with one size only refuse to be told which; from the first refusal on they aren't. */
  private namesDimensions = true;

  constructor(
    private readonly config: EmbeddingConfig,
    private readonly tools: EmbeddingTools,
  ) {
    this.model = config.model;
    this.dimensions = config.dimensions;
    this.isOutside = config.isOutside;
    this.client = openAiClient(config);
  }

  /** @param onSpent told of every try; null: it may have been counted, and nobody told us how much */
  async embed(
    texts: readonly string[],
    signal?: AbortSignal,
    subject?: EmbeddingSubject,
    onSpent?: (spent: Spending | null) => void,
  ): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    const { batchSize, maxTokens } = this.config;
    // Servers refuse an empty text.
    const cut = texts.map((text) => text.slice(0, charsOf(maxTokens)).trim() || ' ');
    const vectors: Float32Array[] = [];
    for (let start = 0; start < cut.length; start += batchSize) {
      vectors.push(...(await this.batch(cut.slice(start, start + batchSize), signal, subject, onSpent)));
    }
    return vectors;
  }

  private async batch(
    texts: string[],
    signal: AbortSignal | undefined,
    subject: EmbeddingSubject | undefined,
    onSpent: ((spent: Spending | null) => void) | undefined,
  ): Promise<Float32Array[]> {
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = performance.now();
      try {
        const raw = await this.request(texts, signal);
        const tokens = tokensOf(raw, texts);
        onSpent?.({ calls: 1, tokens, costUsd: this.costOf(tokens) });
        const vectors = this.read(raw, texts);
        await this.record(subject, tokens, performance.now() - startedAt, attempt, null);
        return vectors;
      } catch (error) {
        const failure = llmFailure(error, this.model);
        if (signal?.aborted || failure.facts['answerLost'] === true) onSpent?.(null);
        else if (failure.code !== 'embedding_unusable') onSpent?.({ calls: 1, tokens: 0, costUsd: 0 });
        signal?.throwIfAborted();
        await this.record(subject, 0, performance.now() - startedAt, attempt, failure.message);
        if (!failure.retryable || attempt >= this.config.maxAttempts) throw failure;
        const pauseMs = failure.retryAfterMs ?? Math.random() * BACKOFF_BASE_MS * 2 ** (attempt - 1);
        if (pauseMs > LONGEST_PAUSE_MS) throw failure;
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  private async request(input: string[], signal: AbortSignal | undefined): Promise<unknown> {
    const { model, dimensions } = this.config;
    const ask = (size: object) =>
      this.client.embeddings.create({ model, input, encoding_format: 'float', ...size }, { signal });
    try {
      return await ask(this.namesDimensions ? { dimensions } : {});
    } catch (error) {
      const failure = llmFailure(error, model);
      const refused = failure.code === 'llm_rejected' && /dimension/i.test((error as Error).message);
      if (!this.namesDimensions || !refused) throw error;
      this.namesDimensions = false;
      return ask({});
    }
  }

  private costOf(tokens: number): number {
    return (tokens * this.config.priceUsdPerMillion) / 1_000_000;
  }

  private read(raw: unknown, texts: readonly string[]): Float32Array[] {
    const response = responseSchema.safeParse(raw);
    const found = response.success ? response.data.data : [];
    if (found.length !== texts.length) {
      throw this.unusable(`${texts.length} texts were sent, ${found.length} embeddings came back`);
    }
    return found.toSorted((a, b) => a.index - b.index).map(({ embedding }) => this.unitVector(embedding));
  }

  private unitVector(embedding: readonly number[]): Float32Array {
    if (embedding.length !== this.dimensions) {
      throw this.unusable(
        `its vectors have ${embedding.length} dimensions, and EMBEDDING_DIM is ${this.dimensions}`,
      );
    }
    const length = Math.hypot(...embedding);
    if (!Number.isFinite(length) || length === 0) throw this.unusable('a vector points nowhere');
    return Float32Array.from(embedding, (value) => value / length);
  }

  private unusable(problem: string): ExternalFailure {
    return new ExternalFailure(`${this.model} gave embeddings that can't be used: ${problem}.`, {
      code: 'embedding_unusable',
      retryable: false,
    });
  }

  private async record(
    subject: EmbeddingSubject | undefined,
    inputTokens: number,
    latencyMs: number,
    attempt: number,
    error: string | null,
  ): Promise<void> {
    const entry = {
      at: this.tools.clock.now(),
      operation: 'embed',
      provider: this.config.provider,
      model: this.model,
      promptVersion: 'none',
      projectId: subject?.projectId ?? null,
      incidentId: subject?.incidentId ?? null,
      inputTokens,
      cachedInputTokens: 0,
      outputTokens: 0,
      costUsd: this.costOf(inputTokens),
      latencyMs: Math.round(latencyMs),
      outcome: error === null ? ('answered' as const) : ('failed' as const),
      cache: 'miss' as const,
      attempt,
      error,
    };
    try {
      await this.tools.ledger.record(entry);
    } catch (ledgerError) {
      this.tools.log.error({ ...entry, ledgerError: String(ledgerError) }, 'usage_record_failed');
    }
  }
}

/** As the server counted them, or estimated where it doesn't. */
function tokensOf(raw: unknown, texts: readonly string[]): number {
  const response = responseSchema.safeParse(raw);
  return response.data?.usage?.prompt_tokens ?? texts.reduce((sum, text) => sum + estimatedTokens(text), 0);
}
