import type { LlmProviderConfig } from '@app/config';
import {
  LanguageModel,
  type Answer,
  type ChatAnswer,
  type ChatQuestion,
  type Classification,
  type FailureContext,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import { SCHEMA_VERSION, SCHEMAS } from '../answer-schemas.js';
import {
  checkedChatAnswer,
  checkedClassification,
  checkedRootCause,
  checkedSolution,
  checkedValidation,
} from '../checks/checked-answer.js';
import { repeatsInstructions, withoutSecrets } from '../checks/leaks.js';
import { DIAGNOSIS_OPERATIONS, type AttemptOptions, type ModelInput } from '../operations.js';
import { costUsd, priceOf, type PriceTable } from '../prices.js';
import { briefTokens } from '../prompt-budget.js';
import { Fence } from '../prompts/fence.js';
import { promptOf, renderPrompt } from '../prompts/index.js';
import { UnusableAnswer } from './llm-failure.js';
import type { ReadAnswer } from './read-completion.js';
import { StructuredChat, type ChatTimes } from './structured-chat.js';

export interface OpenAiOptions {
  readonly newFence?: () => Fence;
  readonly times?: ChatTimes;
}

/**
 * Any server that speaks OpenAI's chat completions. One call is one try: retries, caching, budgets and the ledger are
 * decorators. Nothing of an answer passes that its schema and what the model was shown don't vouch for.
 */
export class OpenAiLanguageModel implements LanguageModel {
  private readonly chat: StructuredChat;
  private readonly newFence: () => Fence;

  constructor(
    private readonly config: LlmProviderConfig,
    private readonly prices: PriceTable,
    options: OpenAiOptions = {},
  ) {
    this.chat = new StructuredChat(config, options.times);
    this.newFence = options.newFence ?? (() => new Fence());
  }

  async identity(): Promise<string> {
    const { provider, models } = this.config;
    const asked = [...new Set(DIAGNOSIS_OPERATIONS.map((operation) => models[operation]))];
    const prompts = DIAGNOSIS_OPERATIONS.map((operation) => promptOf(operation).version);
    return `${provider}:${asked.join('+')}:${prompts.join('+')}:s${SCHEMA_VERSION}`;
  }

  classify(context: FailureContext, options?: AttemptOptions): Promise<Answer<Classification>> {
    return this.ask({ operation: 'classify', context }, options, (value: Classification) =>
      checkedClassification(value, context),
    );
  }

  analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: AttemptOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    const input = { operation: 'root_cause', context, classification } as const;
    return this.ask(input, options, (value: RootCauseAnalysis) => checkedRootCause(value, context));
  }

  generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: AttemptOptions,
  ): Promise<Answer<Solution>> {
    const input = { operation: 'solution', context, rootCause } as const;
    return this.ask(input, options, (value: Solution) => checkedSolution(value, context));
  }

  validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: AttemptOptions,
  ): Promise<Answer<Validation>> {
    const input = { operation: 'validate', context, rootCause, solution } as const;
    return this.ask(input, options, (value: Validation) => checkedValidation(value, context, solution));
  }

  answer(question: ChatQuestion, options?: AttemptOptions): Promise<Answer<ChatAnswer>> {
    return this.ask(
      { operation: 'chat', question },
      options,
      (value: Parameters<typeof checkedChatAnswer>[0]) => checkedChatAnswer(value, question),
    );
  }

  /** @param check holds the value to what the model was shown; its input is what the operation's schema gives */
  private async ask<Raw, T>(
    input: ModelInput,
    options: AttemptOptions = {},
    check: (value: Raw) => T,
  ): Promise<Answer<T>> {
    const { operation } = input;
    const { promptVersion } = options;
    const { system, version } = promptOf(operation, promptVersion);
    const { provider, models } = this.config;
    const model = models[operation];
    const fence = this.newFence();
    const maxTokens = briefTokens(this.config, operation, promptVersion);
    const { user, cutParts } = renderPrompt(input, fence, maxTokens, promptVersion);
    const startedAt = performance.now();
    const { value, usage, repair } = (await this.chat.ask<unknown>({
      ...SCHEMAS[operation],
      model,
      system,
      user,
      explainSchema: (options.attempt ?? 1) > 1,
      correction: options.correction,
      signal: options.signal,
    })) as ReadAnswer<Raw>;
    if (repeatsInstructions(value, system, fence.boundary)) {
      throw new UnusableAnswer('it repeats its instructions', usage);
    }
    return {
      value: check(withoutSecrets(value)),
      meta: {
        source: 'model',
        cached: false,
        provider,
        model,
        promptVersion: version,
        ...usage,
        costUsd: costUsd(priceOf(this.prices, model), usage),
        latencyMs: Math.round(performance.now() - startedAt),
        fallbackReason: null,
        repair,
        cutParts,
      },
    };
  }
}
