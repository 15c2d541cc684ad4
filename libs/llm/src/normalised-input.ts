import type { ChatQuestion, FailureContext, Finding } from '@app/domain';
import { maskVariableParts } from '@app/log-analysis';
import type { ModelInput } from './operations.js';
import { excerptLines } from './prompts/failure-brief.js';

/** What a cached answer's key is made of: all that reaches the prompt, and the project where it must not leave it. */
export function keyedInput(input: ModelInput): Record<string, unknown> {
  switch (input.operation) {
    case 'classify':
      return scoped(input.context);
    case 'root_cause': {
      const { category, determinism, attribution } = input.classification;
      return { ...scoped(input.context), classification: { category, determinism, attribution } };
    }
    case 'solution':
      return { ...projectInput(input.context), cause: masked(input.rootCause.primaryCause) };
    case 'validate':
      return {
        ...projectInput(input.context),
        cause: masked(input.rootCause.primaryCause),
        solution: input.solution,
      };
    case 'chat':
      return chatInput(input.question);
  }
}

/** What the prompt holds of a project's own files and history stays within the project. */
function scoped(context: FailureContext): Record<string, unknown> {
  const isPrivate =
    context.files.length > 0 ||
    context.runbooks.length > 0 ||
    context.similar.some(({ resolved }) => resolved);
  return isPrivate ? projectInput(context) : normalisedInput(context);
}

function projectInput(context: FailureContext): Record<string, unknown> {
  return { ...normalisedInput(context), projectId: context.projectId, repository: context.repository };
}

function chatInput({ projectId, sessionId, question, history, sources }: ChatQuestion) {
  return {
    projectId,
    sessionId,
    question: question.trim().toLowerCase().replace(/\s+/g, ' '),
    history,
    sources: sources.map(({ id, title, text }) => ({ id, title, text })),
  };
}

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
    // Text of the repository counts as it stands: another line is another file.
    files: context.files.map(({ path, role, text }) => ({ path, role, text })),
    runbooks: context.runbooks.map(({ title, text }) => ({ title, text })),
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
