import {
  LanguageModel,
  type Answer,
  type AnswerMeta,
  type AnswerSource,
  type CallOptions,
  type ChatAnswer,
  type ChatQuestion,
  type Classification,
  type FailureContext,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';

type Operation = 'classify' | 'analyzeRootCause' | 'generateSolution' | 'validateRemediation' | 'answer';

/**
 * A model that answers from what it is asked about: the rules' category, a root cause that cites the line of the
 * first finding in the first evidence, a solution of one step. `answers` overrides single fields, `calls` records every call, `fail`
 * makes the next calls of an operation throw, `beforeAnswer` is awaited before every answer.
 */
export class FakeLanguageModel implements LanguageModel {
  readonly calls: { operation: Operation; subject: FailureContext | ChatQuestion; options?: CallOptions }[] =
    [];
  answers: {
    classification?: Partial<Classification>;
    rootCause?: Partial<RootCauseAnalysis>;
    solution?: Partial<Solution>;
    validation?: Partial<Validation>;
    chat?: Partial<ChatAnswer>;
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

  async identity(): Promise<string> {
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
    return this.give('classify', context, options, {
      category: ruleVerdict.category,
      subcategory: ruleVerdict.subcategory,
      severity: 'medium',
      determinism: ruleVerdict.determinism,
      attribution: ruleVerdict.attribution,
      fixability: ruleVerdict.fixability,
      confidence: 0.9,
      reasoning: `The evidence reads like ${ruleVerdict.category}.`,
      keyLines: [],
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
    return this.give('analyzeRootCause', context, options, {
      primaryCause: `${classification.category}: ${quote}`,
      contributingFactors: [],
      errorChain: [],
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
    return this.give('generateSolution', context, options, {
      summary: `Mend: ${rootCause.primaryCause}`,
      steps: ['Do what the summary says.'],
      commands: [],
      edits: [],
      configurationChanges: [],
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
    return this.give('validateRemediation', context, options, {
      safe: true,
      appropriate: true,
      risk: solution.risk,
      concerns: [],
      preconditions: [],
      alternatives: [],
      recommendation: 'proceed',
      ...this.answers.validation,
    });
  }

  async answer(question: ChatQuestion, options?: CallOptions): Promise<Answer<ChatAnswer>> {
    const [source] = question.sources;
    const quote = source?.text.split('\n')[0] ?? '';
    const citations = source ? [{ evidenceId: source.id, quote }] : [];
    return this.give('answer', question, options, {
      text: `The sources say: ${quote}`,
      citations,
      grounded: citations.length > 0,
      ...this.answers.chat,
    });
  }

  private async give<T>(
    operation: Operation,
    subject: FailureContext | ChatQuestion,
    options: CallOptions | undefined,
    value: T,
  ): Promise<Answer<T>> {
    options?.signal?.throwIfAborted();
    this.calls.push({ operation, subject, options });
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
      cachedInputTokens: 0,
      outputTokens: 20,
      costUsd: this.options.costUsd ?? 0.001,
      latencyMs: 1,
      fallbackReason: null,
      repair: 'none',
      cutParts: [],
    };
  }
}
