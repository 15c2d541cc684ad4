import {
  LanguageModel,
  type Answer,
  type CallOptions,
  type ChatAnswer,
  type ChatQuestion,
  type Citation,
  type Classification,
  type Evidence,
  type FailureContext,
  type Finding,
  type Fixability,
  type Recommendation,
  type Risk,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import { RULES_VERSION } from '@app/log-analysis';
import { answerFromSources } from './answer-from-sources.js';
import { ADVICE_OF } from './advice.js';

const MAX_CITATIONS = 3;
const MAX_LISTED = 5;
/** Shorter quotes prove nothing. */
const MIN_QUOTE_CHARS = 4;

const NEXT_STEP: Readonly<Record<Fixability, string>> = {
  rerun: 'Run the failed job again: the failure is likely to pass by itself.',
  config_patch: "Mend the configuration that the evidence names, and run the job's command locally.",
  code_patch: 'Mend the code that the evidence names, and run the failing command locally.',
  human: 'Read the evidence: the rules know no fix for this.',
};

const RISK_OF: Readonly<Record<Fixability, Risk>> = {
  rerun: 'low',
  config_patch: 'medium',
  code_patch: 'medium',
  human: 'medium',
};

/** What a suggestion says to run. Part of it may come from the log, so nothing that a shell would act on is let in. */
const QUOTED_COMMAND = /\brun `([a-z][\w./@:=+ -]*)`/gi;

/** The rules as a model's name. */
export const RULES_NAME = `rules-${RULES_VERSION}`;

/**
 * Answers from what the rules found in the log: no network, no cost, always there. Its answers say so with the
 * source `rules`, and it claims nothing that the rules didn't find.
 */
export class RuleAnalyst implements LanguageModel {
  async identity(): Promise<string> {
    return `rules:${RULES_VERSION}`;
  }

  async classify(context: FailureContext, options?: CallOptions): Promise<Answer<Classification>> {
    const { ruleVerdict: verdict } = context;
    return answer(options, {
      category: verdict.category,
      subcategory: verdict.subcategory,
      severity: ADVICE_OF[verdict.category].severity,
      determinism: verdict.determinism,
      attribution: verdict.attribution,
      fixability: verdict.fixability,
      confidence: verdict.confidence,
      reasoning:
        verdict.category === 'unknown'
          ? 'No rule recognised what the log shows.'
          : `The log holds what ${verdict.subcategory ?? verdict.category} failures print.`,
      keyLines: citations(context.evidence, context.findings).slice(0, 1),
    });
  }

  async analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: CallOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    const { ruleVerdict: verdict, findings } = context;
    const { prevention } = ADVICE_OF[classification.category];
    return answer(options, {
      primaryCause: verdict.rootCause,
      contributingFactors: [],
      errorChain: errorChain(context),
      affectedComponents: distinct(findings.map(({ file, testName }) => file ?? testName)),
      citations: citations(context.evidence, findings),
      confidence: verdict.confidence,
      prevention: prevention === null ? [] : [prevention],
    });
  }

  async generateSolution(
    context: FailureContext,
    _rootCause: RootCauseAnalysis,
    options?: CallOptions,
  ): Promise<Answer<Solution>> {
    const { suggestion, fixability, category } = context.ruleVerdict;
    const { prevention } = ADVICE_OF[category];
    const command = suggestion !== null && isCommand(suggestion) ? suggestion : null;
    const advice = command === null ? suggestion : `Run \`${command}\`.`;
    return answer(options, {
      summary: advice ?? NEXT_STEP[fixability],
      steps: advice === null ? [NEXT_STEP[fixability]] : [advice, NEXT_STEP[fixability]],
      commands: command === null ? quotedCommands(suggestion ?? '') : [command],
      edits: [],
      configurationChanges: [],
      risk: RISK_OF[fixability],
      prevention: prevention === null ? [] : [prevention],
      estimatedMinutes: null,
    });
  }

  async validateRemediation(
    context: FailureContext,
    _rootCause: RootCauseAnalysis,
    solution: Solution,
    options?: CallOptions,
  ): Promise<Answer<Validation>> {
    const { category, fixability, determinism } = context.ruleVerdict;
    const onlyReruns =
      fixability === 'rerun' && solution.edits.length === 0 && solution.commands.length === 0;
    const passes = onlyReruns && determinism === 'transient';
    const recommendation: Recommendation = passes ? 'proceed' : 'escalate';
    return answer(options, {
      safe: onlyReruns,
      appropriate: category !== 'unknown',
      risk: solution.risk,
      concerns: passes ? [] : ["Rules alone can't tell whether this fix is right: a person must look at it."],
      preconditions: onlyReruns ? [] : ['The commands are run in a check-out of the failing commit first.'],
      alternatives: fixability === 'rerun' ? [] : [NEXT_STEP[fixability]],
      recommendation,
    });
  }

  async answer(question: ChatQuestion, options?: CallOptions): Promise<Answer<ChatAnswer>> {
    return answer(options, answerFromSources(question));
  }
}

async function answer<T>(options: CallOptions | undefined, value: T): Promise<Answer<T>> {
  options?.signal?.throwIfAborted();
  return {
    value,
    meta: {
      source: 'rules',
      cached: false,
      provider: 'rules',
      model: RULES_NAME,
      promptVersion: 'none',
      inputTokens: 0,
      cachedInputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      latencyMs: 0,
      fallbackReason: null,
      repair: 'none',
      cutParts: [],
    },
  };
}

/** What the tools said, in the order they said it, up to the step that failed. */
function errorChain({ findings, failedStep }: FailureContext): string[] {
  const said = findings
    .toSorted((a, b) => a.startLine - b.startLine)
    .map(({ tool, code, message }) => `${tool}${code === undefined ? '' : ` ${code}`}: ${message}`);
  const chain = distinct(said);
  return failedStep === null || chain.length === 0 ? chain : [...chain, `The step “${failedStep}” failed.`];
}

/** For each decisive stretch the line that a tool's message stands in, else its first line that says anything. */
function citations(evidence: readonly Evidence[], findings: readonly Finding[]): Citation[] {
  return evidence.slice(0, MAX_CITATIONS).flatMap(({ id, startLine, endLine, text }) => {
    const lines = text.split('\n').map((line) => line.trim());
    const found = findings.find((finding) => finding.startLine >= startLine && finding.startLine <= endLine);
    const named = found === undefined ? undefined : lines[found.startLine - startLine];
    const quote = [named, ...lines].find((line) => line !== undefined && line.length >= MIN_QUOTE_CHARS);
    return quote === undefined ? [] : [{ evidenceId: id, quote }];
  });
}

/** Suggestions are sentences, or a command alone. */
function isCommand(suggestion: string): boolean {
  return /^[a-z]/.test(suggestion);
}

function quotedCommands(sentence: string): string[] {
  return [...sentence.matchAll(QUOTED_COMMAND)].map((match) => match[1]!);
}

function distinct(items: readonly (string | undefined)[]): string[] {
  return [...new Set(items.filter((item) => item !== undefined))].slice(0, MAX_LISTED);
}
