import type { LlmProviderConfig } from '@app/config';
import { SCHEMAS } from './answer-schemas.js';
import { promptOf } from './prompts/index.js';
import { systemMessage } from './openai/structured-chat.js';
import type { Operation } from './operations.js';
import { estimatedTokens } from './tokens.js';

/** More text costs more and says less; the rest of a large context stays unused. */
const MAX_BRIEF_TOKENS = 12_000;
const MIN_BRIEF_TOKENS = 500;
/** Roles, separators, and an answer that is shown again with what was wrong with it. */
const OVERHEAD_TOKENS = 300;

/** Tokens that the data of a prompt may have, so that it fits the model's context together with its answer. */
export function briefTokens(config: LlmProviderConfig, operation: Operation, version?: string): number {
  const { name, schema } = SCHEMAS[operation];
  const system = estimatedTokens(systemMessage(promptOf(operation, version).system, name, schema));
  const left = config.contextTokens - config.maxOutputTokens - system - OVERHEAD_TOKENS;
  return Math.max(MIN_BRIEF_TOKENS, Math.min(MAX_BRIEF_TOKENS, left));
}
