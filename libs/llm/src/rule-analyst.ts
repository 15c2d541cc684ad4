import {
  LanguageModel,
  type Answer,
  type CallOptions,
  type Citation,
  type Classification,
  type Evidence,
  type FailureCategory,
  type FailureContext,
  type Finding,
  type Fixability,
  type Recommendation,
  type Risk,
  type RootCauseAnalysis,
  type Severity,
  type Solution,
  type Validation,
} from '@app/domain';
import { RULES_VERSION } from '@app/log-analysis';

const MAX_CITATIONS = 3;
const MAX_LISTED = 5;
/** Shorter quotes prove nothing. */
const MIN_QUOTE_CHARS = 4;

const SEVERITY_OF: Readonly<Record<FailureCategory, Severity>> = {
  test_failure: 'medium',
  compile_error: 'medium',
  dependency: 'medium',
  build_config: 'medium',
  workflow_config: 'medium',
  quality: 'low',
  network: 'low',
  auth_permission: 'high',
  resource_limit: 'medium',
  timeout_cancelled: 'medium',
  vcs_platform: 'medium',
  runner_infra: 'medium',
  runtime_deploy: 'high',
  unknown: 'medium',
};

/** What keeps a category's failures from CI, as far as that can be said without knowing the repository. */
const PREVENTION_OF: Readonly<Record<FailureCategory, string | null>> = {
  test_failure: 'Run the affected tests before pushing.',
  compile_error: 'Compile or type-check before pushing.',
  dependency: 'Commit the lock file, and let CI install from it alone.',
  build_config: "Pin the build tool's version, and check changes of its configuration in a pull request.",
  workflow_config: 'Check workflow files with actionlint before pushing.',
  quality: 'Run the linter and the formatter before pushing.',
  network: 'Cache downloads between runs, and let the step that downloads try again.',
  auth_permission: 'Watch when credentials expire, and give the job the least permissions it needs.',
  resource_limit: 'Watch what the job uses, and clean up or choose a larger runner before the limit.',
  timeout_cancelled: 'Watch how long the job takes against its time limit.',
  vcs_platform: null,
  runner_infra: "Pin the runner's image.",
  runtime_deploy: 'Check that the service is healthy before the next step uses it.',
  unknown: null,
};

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

/**
 * Answers from what the rules found in the log: no network, no cost, always there. Its answers say so with the
 * source `rules`, and it claims nothing that the rules didn't find.
 */
export class RuleAnalyst implements LanguageModel {
  identity(): string {
    return `rules:${RULES_VERSION}`;
  }

  async classify(context: FailureContext, options?: CallOptions): Promise<Answer<Classification>> {
    const { ruleVerdict: verdict } = context;
    return answer(options, {
      category: verdict.category,
      subcategory: verdict.subcategory,
      severity: SEVERITY_OF[verdict.category],
      determinism: verdict.determinism,
      attribution: verdict.attribution,
      fixability: verdict.fixability,
      confidence: verdict.confidence,
      reasoning:
        verdict.category === 'unknown'
          ? 'No rule recognised what the log shows.'
          : `The log holds what ${verdict.subcategory ?? verdict.category} failures print.`,
    });
  }

  async analyzeRootCause(
    context: FailureContext,
    classification: Classification,
    options?: CallOptions,
  ): Promise<Answer<RootCauseAnalysis>> {
    const { ruleVerdict: verdict, findings } = context;
    const prevention = PREVENTION_OF[classification.category];
    return answer(options, {
      primaryCause: verdict.rootCause,
      contributingFactors: [],
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
    const prevention = PREVENTION_OF[category];
    const command = suggestion !== null && isCommand(suggestion) ? suggestion : null;
    const advice = command === null ? suggestion : `Run \`${command}\`.`;
    return answer(options, {
      summary: advice ?? NEXT_STEP[fixability],
      steps: advice === null ? [NEXT_STEP[fixability]] : [advice, NEXT_STEP[fixability]],
      commands: command === null ? quotedCommands(suggestion ?? '') : [command],
      edits: [],
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
      preconditions: [],
      recommendation,
    });
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
      model: `rules-${RULES_VERSION}`,
      promptVersion: 'none',
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      latencyMs: 0,
      fallbackReason: null,
    },
  };
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
