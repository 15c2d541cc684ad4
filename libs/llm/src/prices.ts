import type { TokenUsage } from './llm-failure.js';

/** What a model's tokens cost. */
export interface Prices {
  readonly priceInputUsdPerMillion: number;
  readonly priceOutputUsdPerMillion: number;
}

/** US dollars. */
export function costUsd(prices: Prices, { inputTokens, outputTokens }: TokenUsage): number {
  const { priceInputUsdPerMillion, priceOutputUsdPerMillion } = prices;
  return (inputTokens * priceInputUsdPerMillion + outputTokens * priceOutputUsdPerMillion) / 1_000_000;
}
