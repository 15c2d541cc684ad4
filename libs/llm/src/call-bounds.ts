import type { LlmProviderConfig } from '@app/config';
import type { Spending } from '@app/domain';
import { SCHEMAS } from './answer-schemas.js';
import { systemMessage } from './openai/structured-chat.js';
import type { ModelCall } from './operations.js';
import { costUsd, priceOf, type PriceTable } from './prices.js';
import { briefTokens } from './prompt-budget.js';
import { Fence } from './prompts/fence.js';
import { promptOf, renderPrompt } from './prompts/index.js';
import { mostTokens } from './tokens.js';

/** Roles, separators and the tools' own words around the messages; and of an answer shown again, its comment. */
const OVERHEAD_TOKENS = 1_000;

/**
 * What one try can cost at most: every byte of the prompt a token, an answer of the greatest length shown again, and
 * one of the greatest length given.
 */
export function mostOfOneTry(
  { input, options }: Pick<ModelCall<unknown>, 'input' | 'options'>,
  config: LlmProviderConfig,
  prices: PriceTable,
): Spending {
  const { operation } = input;
  const { promptVersion } = options;
  const { name, schema } = SCHEMAS[operation];
  const { user } = renderPrompt(
    input,
    new Fence(),
    briefTokens(config, operation, promptVersion),
    promptVersion,
  );
  const system = systemMessage(promptOf(operation, promptVersion).system, name, schema);
  const { maxOutputTokens } = config;
  const usage = {
    inputTokens: mostTokens(system) + mostTokens(user) + maxOutputTokens + OVERHEAD_TOKENS,
    cachedInputTokens: 0,
    outputTokens: maxOutputTokens,
  };
  return {
    calls: 1,
    tokens: usage.inputTokens + usage.outputTokens,
    costUsd: costUsd(priceOf(prices, config.models[operation]), usage),
  };
}
