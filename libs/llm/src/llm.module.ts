import type { Config } from '@app/config';
import {
  AgentStates,
  Cache,
  Clock,
  Embedder,
  EventBus,
  LanguageModel,
  Log,
  ModelHealth,
  ModelPolicies,
  RateLimiter,
  SpendingBudget,
  UsageLedger,
} from '@app/domain';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AgentDirectory } from './agents/agent-directory.js';
import { createEmbedder } from './embeddings/create-embedder.js';
import { createLanguageModel, createModelHealth } from './language-model-stack.js';

/**
 * Provides LanguageModel, AgentDirectory, ModelHealth and Embedder everywhere. Cache, EventBus, RateLimiter, UsageLedger,
 * SpendingBudget, ModelPolicies, AgentStates, Clock and Log must be provided globally.
 */
@Global()
@Module({})
export class LlmModule {
  static forRoot(config: Pick<Config, 'llm' | 'embedding'>): DynamicModule {
    return {
      module: LlmModule,
      providers: [
        {
          provide: LanguageModel,
          inject: [
            Cache,
            UsageLedger,
            SpendingBudget,
            ModelPolicies,
            AgentStates,
            EventBus,
            RateLimiter,
            Clock,
            Log,
          ],
          useFactory: (
            cache: Cache,
            ledger: UsageLedger,
            budget: SpendingBudget,
            policies: ModelPolicies,
            agents: AgentStates,
            bus: EventBus,
            limiter: RateLimiter,
            clock: Clock,
            log: Log,
          ) =>
            createLanguageModel(config, {
              cache,
              ledger,
              budget,
              policies,
              agents,
              bus,
              limiter,
              clock,
              log,
            }),
        },
        {
          provide: AgentDirectory,
          inject: [AgentStates, Cache, EventBus, Log],
          useFactory: (states: AgentStates, cache: Cache, bus: EventBus, log: Log) =>
            new AgentDirectory(config.llm, { states, cache, bus, log }),
        },
        { provide: ModelHealth, useFactory: () => createModelHealth(config) },
        {
          provide: Embedder,
          inject: [Cache, UsageLedger, SpendingBudget, ModelPolicies, EventBus, Clock, Log],
          useFactory: (
            cache: Cache,
            ledger: UsageLedger,
            budget: SpendingBudget,
            policies: ModelPolicies,
            bus: EventBus,
            clock: Clock,
            log: Log,
          ) => createEmbedder(config, { cache, ledger, budget, policies, bus, clock, log }),
        },
      ],
      exports: [LanguageModel, AgentDirectory, ModelHealth, Embedder],
    };
  }
}
