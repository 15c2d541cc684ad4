import type { z } from 'zod';
import type { LlmConfig } from '@app/config';
import {
  LanguageModel,
  type Answer,
  type Classification,
  type FailureContext,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import {
  classificationSchema,
  rootCauseSchema,
  SCHEMA_VERSION,
  solutionSchema,
  validationSchema,
} from './answer-schemas.js';
import {
  checkedClassification,
  checkedRootCause,
  checkedSolution,
  checkedValidation,
} from './checked-answer.js';
import type { AttemptOptions } from './operations.js';
import { costUsd } from './prices.js';
import { Fence } from './prompts/fence.js';
import { PROMPT_SET, PROMPTS } from './prompts/index.js';
import type { Prompt } from './prompts/prompt.js';
import { StructuredChat } from './structured-chat.js';

interface Task<Input, T> {
  readonly name: string;
  readonly prompt: Prompt<Input>;
  readonly input: Input;
  readonly schema: z.ZodType<T>;
  readonly check: (answer: T) => T;
}

/**
 * Any server that speaks OpenAI's chat completions. One call is one try: retries, caching and the ledger are
 * decorators.
 */
export class OpenAiLanguageModel implements LanguageModel {
  private readonly chat: StructuredChat;

  constructor(
    private readonly config: LlmConfig,
    private readonly newFence: () => Fence = () => new Fence(),
  ) {
    this.chat = new StructuredChat(config);
  }

  identity(): string {
    return `${this.config.provider}:${this.config.model}:${PROMPT_SET}:s${SCHEMA_VERSION}`;
  }

  classify(context: FailureContext, options?: AttemptOptions): Promise<Answer<Classification>> {
    const task = {
      name: 'classification',
      prompt: PROMPTS.classify,
      input: { context },
      schema: classificationSchema,
      check: checkedClassification,
    };
    return this.answer(task, options);
  }

  analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: AttemptOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    const task = {
      name: 'root_cause',
      prompt: PROMPTS.root_cause,
      input: { context, classification },
      schema: rootCauseSchema,
      check: (answer: RootCauseAnalysis) => checkedRootCause(answer, context),
    };
    return this.answer(task, options);
  }

  generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: AttemptOptions,
  ): Promise<Answer<Solution>> {
    const task = {
      name: 'solution',
      prompt: PROMPTS.solution,
      input: { context, rootCause },
      schema: solutionSchema,
      check: (answer: Solution) => checkedSolution(answer, context),
    };
    return this.answer(task, options);
  }

  validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: AttemptOptions,
  ): Promise<Answer<Validation>> {
    const task = {
      name: 'validation',
      prompt: PROMPTS.validate,
      input: { context, rootCause, solution },
      schema: validationSchema,
      check: checkedValidation,
    };
    return this.answer(task, options);
  }

  private async answer<Input, T>(task: Task<Input, T>, options?: AttemptOptions): Promise<Answer<T>> {
    const { name, prompt, input, schema, check } = task;
    const startedAt = performance.now();
    const { value, ...usage } = await this.chat.ask({
      name,
      schema,
      system: prompt.system,
      user: prompt.render(input, this.newFence()),
      explainSchema: (options?.attempt ?? 1) > 1,
      signal: options?.signal,
    });
    const { provider, model } = this.config;
    return {
      value: check(value),
      meta: {
        source: 'model',
        cached: false,
        provider,
        model,
        promptVersion: prompt.version,
        ...usage,
        costUsd: costUsd(this.config, usage),
        latencyMs: Math.round(performance.now() - startedAt),
        fallbackReason: null,
      },
    };
  }
}
