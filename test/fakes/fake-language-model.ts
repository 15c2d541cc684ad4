import {
  LanguageModel,
  type Answer,
  type AnswerMeta,
  type AnswerSource,
  type CallOptions,
  type Classification,
  type FailureContext,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';

type Operation = 'classify' | 'analyzeRootCause' | 'generateSolution' | 'validateRemediation';

/**
 * A model that answers from what it is asked about: the rules' category, a root cause that cites the line of the
 * first finding in the first evidence, a solution of one step. `answers` overrides single fields, `calls` records every call, `fail`
 * makes the next calls of an operation throw, `beforeAnswer` is awaited before every answer.
 */
export class FakeLanguageModel implements LanguageModel {
  readonly calls: { operation: Operation; context: FailureContext; options?: CallOptions }[] = [];
  answers: {
    classification?: Partial<Classification>;
    rootCause?: Partial<RootCauseAnalysis>;
    solution?: Partial<Solution>;
    validation?: Partial<Validation>;
  } = {};
  beforeAnswer: (operation: Operation) => void | Promise<void> = () => undefined;
  private readonly failures = new Map<Operation, Error[]>();

  constructor(
    private readonly options: {
      readonly identity?: string;
      readonly source?: AnswerSource;
      readonly costUsd?: number;
    } = {},
  ) {}

  identity(): string {
    return this.options.identity ?? 'fake:fake-model:p1';
  }

  /** How often the operation, or any, was called. */
  count(operation?: Operation): number {
    return this.calls.filter((call) => operation === undefined || call.operation === operation).length;
  }

  /** The next `times` calls of the operation throw the error. */
  fail(operation: Operation, error: Error, times = 1): void {
    const queued = this.failures.get(operation) ?? [];
    this.failures.set(operation, [...queued, ...Array.from({ length: times }, () => error)]);
  }

  async classify(context: FailureContext, options?: CallOptions): Promise<Answer<Classification>> {
    const { ruleVerdict } = context;
    return this.answer('classify', context, options, {
      category: ruleVerdict.category,
      subcategory: ruleVerdict.subcategory,
      severity: 'medium',
      determinism: ruleVerdict.determinism,
      attribution: ruleVerdict.attribution,
      fixability: ruleVerdict.fixability,
      confidence: 0.9,
      reasoning: `The evidence reads like ${ruleVerdict.category}.`,
      ...this.answers.classification,
    });
  }

  async analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: CallOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    const decisive = context.evidence[0];
    const found = context.findings.find(
      ({ startLine }) => decisive && startLine >= decisive.startLine && startLine <= decisive.endLine,
    );
    const row = decisive && found ? found.startLine - decisive.startLine : 0;
    const quote = decisive?.text.split('\n')[row] ?? '';
    return this.answer('analyzeRootCause', context, options, {
      primaryCause: `${classification.category}: ${quote}`,
      contributingFactors: [],
      affectedComponents: [],
      citations: decisive ? [{ evidenceId: decisive.id, quote }] : [],
      confidence: 0.9,
      prevention: [],
      ...this.answers.rootCause,
    });
  }

  async generateSolution(
    context: FailureContext,
    rootCause: RootCauseAnalysis,
    options?: CallOptions,
  ): Promise<Answer<Solution>> {
    return this.answer('generateSolution', context, options, {
      summary: `Mend: ${rootCause.primaryCause}`,
      steps: ['Do what the summary says.'],
      commands: [],
      edits: [],
      risk: 'low',
      prevention: [],
      estimatedMinutes: 10,
      ...this.answers.solution,
    });
  }

  async validateRemediation(
    context: FailureContext,
    _rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: CallOptions,
  ): Promise<Answer<Validation>> {
    return this.answer('validateRemediation', context, options, {
      safe: true,
      appropriate: true,
      risk: solution.risk,
      concerns: [],
      preconditions: [],
      recommendation: 'proceed',
      ...this.answers.validation,
    });
  }

  private async answer<T>(
    operation: Operation,
    context: FailureContext,
    options: CallOptions | undefined,
    value: T,
  ): Promise<Answer<T>> {
    options?.signal?.throwIfAborted();
    this.calls.push({ operation, context, options });
    await this.beforeAnswer(operation);
    const failure = this.failures.get(operation)?.shift();
    if (failure) throw failure;
    options?.signal?.throwIfAborted();
    return { value, meta: this.meta() };
  }

  private meta(): AnswerMeta {
    return {
      source: this.options.source ?? 'model',
      cached: false,
      provider: 'fake',
      model: 'fake-model',
      promptVersion: 'p1',
      inputTokens: 100,
      outputTokens: 20,
      costUsd: this.options.costUsd ?? 0.001,
      latencyMs: 1,
      fallbackReason: null,
    };
  }
}
