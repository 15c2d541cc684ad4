import type { FailureContext, Finding } from '@app/domain';
import { maskVariableParts } from '@app/log-analysis';
import { excerptLines } from './prompts/failure-brief.js';

/**
 * Everything of a failure that reaches a prompt, with all masked that differs between two runs of one failure: what
 * the keys of cached answers are made of. Kept beside `failureBrief`: what is added there is added here.
 */
export function normalisedInput(context: FailureContext): Record<string, unknown> {
  const { ruleVerdict: rules } = context;
  return {
    workflowName: context.workflowName,
    jobName: context.jobName,
    failedStep: context.failedStep,
    signature: context.signature,
    rules: { ...rules, rootCause: masked(rules.rootCause), suggestion: null },
    evidence: context.evidence.map(({ id, text }) => ({ id, text: masked(text) })),
    findings: context.findings.map(maskedFinding),
    excerpt: excerptLines(context.excerpt).map(maskVariableParts),
    similar: context.similar
      .filter((incident) => incident.resolved)
      .map(({ category, rootCause, solution }) => ({
        category,
        rootCause: rootCause === null ? null : masked(rootCause),
        solution: solution === null ? null : masked(solution),
      })),
  };
}

/** A text of several lines with its variable parts masked. */
export function masked(text: string): string {
  return text.split('\n').map(maskVariableParts).join('\n');
}

/** Positions are left out: they move with every unrelated change of the file or the log. */
function maskedFinding({ tool, code, file, testName, message, expected, actual }: Finding) {
  const texts = { file, testName, message, expected, actual };
  const maskedTexts = Object.entries(texts).map(([name, text]) => [
    name,
    text === undefined ? undefined : masked(text),
  ]);
  return { tool, code, ...Object.fromEntries(maskedTexts) };
}
