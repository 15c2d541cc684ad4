import type { Config, LlmConfig, LlmProviderConfig } from '@app/config';
import type {
  AgentStates,
  Cache,
  Clock,
  EventBus,
  LanguageModel,
  Log,
  ModelHealth,
  ModelPolicies,
  RateLimiter,
  SpendingBudget,
  UsageLedger,
} from '@app/domain';
import { CurrentAgents } from './agents/current-agents.js';
import { BudgetedLanguageModel } from './decorators/budgeted-language-model.js';
import { CachedLanguageModel } from './decorators/cached-language-model.js';
import { FallingBackLanguageModel, type ProviderChain } from './decorators/falling-back-language-model.js';
import { MeteredLanguageModel } from './decorators/metered-language-model.js';
import { PacedLanguageModel } from './decorators/paced-language-model.js';
import { RoleLanguageModel } from './decorators/role-language-model.js';
import { ResilientLanguageModel } from './decorators/resilient-language-model.js';
import { Floor } from './floor.js';
import { OpenAiLanguageModel, type OpenAiOptions } from './openai/openai-language-model.js';
import { OpenAiModelHealth, RulesHealth } from './openai/openai-model-health.js';
import { ProviderHealth } from './provider-health.js';
import { RuleAnalyst } from './rules/rule-analyst.js';
import { SpendingGuard } from './spending-guard.js';
import { UsageRecorder } from './usage-recorder.js';

/** An operation with all its tries may take so many times the time limit of one. */
const DEADLINE_FACTOR = 2;

export interface LanguageModelParts {
  readonly cache: Cache;
  readonly ledger: UsageLedger;
  readonly budget: SpendingBudget;
  readonly policies: ModelPolicies;
  readonly agents: AgentStates;
  readonly bus: EventBus;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Log;
}

/** Times that tests shorten. */
export interface StackOptions extends OpenAiOptions {
  readonly breakerPauseMs?: number;
  readonly trialPatienceMs?: number;
}

/**
 * The language model of the product, outermost first: role (switched off, or a promoted prompt) → cached → budgeted → falling back (to the second provider, then
 * to the rule analyst) → resilient → paced → metered → provider. Without a configured model the rule analyst alone.
 */
export function createLanguageModel(
  config: Pick<Config, 'llm'>,
  parts: LanguageModelParts,
  options: StackOptions = {},
): LanguageModel {
  const { llm } = config;
  const rules = new RuleAnalyst();
  if (llm === null) return rules;
  const { cache, ledger, clock, log } = parts;
  const usage = new UsageRecorder(ledger, clock, log);
  const floor = new Floor(rules, usage, log);
  const chain = (provider: LlmProviderConfig): ProviderChain => {
    const health = new ProviderHealth(provider.provider, cache, clock, log);
    const model = new OpenAiLanguageModel(provider, llm, options);
    const metered = new MeteredLanguageModel(model, usage, { ...llm, ...provider });
    const paced = new PacedLanguageModel(metered, parts.limiter, provider, llm);
    return {
      isOutside: provider.isOutside,
      model: new ResilientLanguageModel(
        paced,
        provider,
        {
          ...limitsOf(llm, provider),
          breakerPauseMs: options.breakerPauseMs,
          trialPatienceMs: options.trialPatienceMs,
        },
        health,
        log,
      ),
    };
  };
  const fallingBack = new FallingBackLanguageModel(
    [chain(llm), ...(llm.second === null ? [] : [chain(llm.second)])],
    floor,
  );
  const budgeted = new BudgetedLanguageModel(fallingBack, floor, llm, new SpendingGuard(llm.budget, parts));
  const cached = new CachedLanguageModel(budgeted, cache, usage, llm, log);
  return new RoleLanguageModel(cached, new CurrentAgents(parts.agents), floor);
}

/** Whether somebody answers at the configured model; the first provider's, which is who is waited for. */
export function createModelHealth({ llm }: Pick<Config, 'llm'>): ModelHealth {
  return llm === null ? new RulesHealth() : new OpenAiModelHealth(llm);
}

function limitsOf(llm: LlmConfig, provider: LlmProviderConfig) {
  return { maxAttempts: llm.maxAttempts, deadlineMs: provider.timeoutMs * DEADLINE_FACTOR };
}
