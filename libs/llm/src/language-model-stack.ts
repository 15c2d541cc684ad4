import type { Config } from '@app/config';
import type { Cache, Clock, LanguageModel, Log, UsageLedger } from '@app/domain';
import { CachedLanguageModel } from './decorators/cached-language-model.js';
import { MeteredLanguageModel } from './decorators/metered-language-model.js';
import { ResilientLanguageModel } from './decorators/resilient-language-model.js';
import { OpenAiLanguageModel } from './openai-language-model.js';
import { RuleAnalyst } from './rule-analyst.js';
import { UsageRecorder } from './usage-recorder.js';

/** An operation with all its tries may take so many times the time limit of one. */
const DEADLINE_FACTOR = 2;

export interface LanguageModelParts {
  readonly cache: Cache;
  readonly ledger: UsageLedger;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The language model of the product, outermost first: cached → resilient (its floor: the rule analyst) → metered →
 * provider. Without a configured model the rule analyst alone.
 */
export function createLanguageModel(config: Pick<Config, 'llm'>, parts: LanguageModelParts): LanguageModel {
  const { llm } = config;
  const rules = new RuleAnalyst();
  if (llm === null) return rules;
  const { cache, ledger, clock, log } = parts;
  const usage = new UsageRecorder(ledger, clock, log);
  const provider = new OpenAiLanguageModel(llm);
  const metered = new MeteredLanguageModel(provider, usage, llm);
  const limits = { maxAttempts: llm.maxAttempts, deadlineMs: llm.timeoutMs * DEADLINE_FACTOR };
  const resilient = new ResilientLanguageModel(metered, rules, usage, limits, log);
  return new CachedLanguageModel(resilient, cache, usage, llm, log);
}
