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
import type { AttemptOptions, ModelCall } from '../operations.js';

/** A decorator that does the same around every operation: what that is, `around` says. */
export abstract class AroundEachOperation implements LanguageModel {
  constructor(protected readonly inner: LanguageModel) {}

  protected abstract around<T>(call: ModelCall<T>): Promise<Answer<T>>;

  identity(): Promise<string> {
    return this.inner.identity();
  }

  classify(context: FailureContext, options: AttemptOptions = {}): Promise<Answer<Classification>> {
    return this.around({
      input: { operation: 'classify', context },
      options,
      ask: (model, given) => model.classify(context, given),
    });
  }

  analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options: AttemptOptions = {},
  ): Promise<Answer<RootCauseAnalysis>> {
    return this.around({
      input: { operation: 'root_cause', context, classification },
      options,
      ask: (model, given) => model.analyzeRootCause(context, classification, given),
    });
  }

  generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options: AttemptOptions = {},
  ): Promise<Answer<Solution>> {
    return this.around({
      input: { operation: 'solution', context, rootCause },
      options,
      ask: (model, given) => model.generateSolution(context, rootCause, given),
    });
  }

  validateRemediation(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    solution: Solution,
    options: AttemptOptions = {},
  ): Promise<Answer<Validation>> {
    return this.around({
      input: { operation: 'validate', context, rootCause, solution },
      options,
      ask: (model, given) => model.validateRemediation(context, rootCause, solution, given),
    });
  }

  answer(question: ChatQuestion, options: AttemptOptions = {}): Promise<Answer<ChatAnswer>> {
    return this.around({
      input: { operation: 'chat', question },
      options,
      ask: (model, given) => model.answer(question, given),
    });
  }
}
