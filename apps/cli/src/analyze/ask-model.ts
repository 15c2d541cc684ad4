import { loadConfig, type LlmConfig } from '@app/config';
import { ExternalFailure, type FailureContext } from '@app/domain';
import { OpenAiLanguageModel, troubleOf, type ModelTrouble } from '@app/llm';
import type { LogAnalysis } from '@app/log-analysis';

/** What the configured model makes of a log's analysis; plain JSON. */
export interface ModelOpinion {
  readonly model: string;
  readonly category: string;
  readonly confidence: number;
  readonly rootCause: string;
  readonly fix: string;
  readonly steps: readonly string[];
  readonly commands: readonly string[];
  readonly costUsd: number;
}

export interface AskedModel {
  readonly model?: ModelOpinion;
  /** Why there is no opinion, and what mends it. */
  readonly trouble?: ModelTrouble;
}

/**
 * Asks the configured model once about the log: no cache, no second try, so that what is wrong is seen.
 * @throws ExternalFailure `llm_not_configured`
 */
export async function askModel(analysis: LogAnalysis): Promise<AskedModel> {
  const { llm } = loadConfig();
  if (llm === null) {
    throw new ExternalFailure('No model is configured: set LLM_PROVIDER and LLM_API_KEY, or LLM_BASE_URL.', {
      code: 'llm_not_configured',
      retryable: false,
    });
  }
  try {
    return { model: await opinionOf(llm, contextOf(analysis)) };
  } catch (error) {
    if (!(error instanceof ExternalFailure)) throw error;
    return { trouble: troubleOf(error) };
  }
}

async function opinionOf(llm: LlmConfig, context: FailureContext): Promise<ModelOpinion> {
  const model = new OpenAiLanguageModel(llm, llm);
  const classification = await model.classify(context);
  const rootCause = await model.analyzeRootCause(context, classification.value);
  const solution = await model.generateSolution(context, rootCause.value);
  return {
    model: `${llm.provider}: ${[...new Set([classification, rootCause, solution].map(({ meta }) => meta.model))].join(', ')}`,
    category: classification.value.category,
    confidence: classification.value.confidence,
    rootCause: rootCause.value.primaryCause,
    fix: solution.value.summary,
    steps: solution.value.steps,
    commands: solution.value.commands,
    costUsd: classification.meta.costUsd + rootCause.meta.costUsd + solution.meta.costUsd,
  };
}

function contextOf(analysis: LogAnalysis): FailureContext {
  return {
    projectId: 'local',
    repository: 'local',
    workflowName: null,
    jobName: null,
    failedStep: analysis.failedStep,
    evidence: analysis.evidence,
    findings: analysis.findings,
    excerpt: analysis.excerpt,
    signature: analysis.signature,
    similar: [],
    runbooks: [],
    files: [],
    ruleVerdict: analysis.verdict,
  };
}

export function printAsked(file: string, { model, trouble }: AskedModel): void {
  if (model) printOpinion(model);
  if (!trouble) return;
  const { problem, detail, mend } = trouble;
  process.stderr.write(`${file}: the model gave no answer (${problem}). ${detail}\n  → ${mend}\n`);
}

function printOpinion(opinion: ModelOpinion): void {
  const { model, category, confidence, rootCause, fix, steps, commands, costUsd } = opinion;
  const lines = [
    `Model       ${model} ($${costUsd.toFixed(4)})`,
    `  category  ${category} (${confidence.toFixed(2)})`,
    `  cause     ${rootCause}`,
    `  fix       ${fix}`,
    ...steps.map((step, index) => `  ${String(index + 1).padStart(8)}. ${step}`),
    ...commands.map((command) => `          $ ${command}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
