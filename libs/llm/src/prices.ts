import type { LlmConfig, ModelPrice } from '@app/config';

/** Tokens that a call used. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** Of the input tokens, those the provider had in its own cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

export const NO_TOKENS: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

export type PriceTable = Pick<LlmConfig, 'prices' | 'defaultPrice'>;

export function priceOf(table: PriceTable, model: string): ModelPrice {
  return table.prices[model] ?? table.defaultPrice;
}

/** US dollars. */
export function costUsd(price: ModelPrice, usage: TokenUsage): number {
  const fresh = Math.max(0, usage.inputTokens - usage.cachedInputTokens);
  const dollars =
    fresh * price.inputUsdPerMillion +
    usage.cachedInputTokens * price.cachedInputUsdPerMillion +
    usage.outputTokens * price.outputUsdPerMillion;
  return dollars / 1_000_000;
}
