import type { FailureContext, RootCauseAnalysis } from '@app/domain';
import { failureBrief } from './failure-brief.js';
import { UNTRUSTED_TEXT_RULES, type Prompt } from './prompt.js';

export const solutionV1: Prompt<{ context: FailureContext; rootCause: RootCauseAnalysis }> = {
  version: 'solution.v1',
  system: `You write the fix for a failed CI job whose root cause is known, for engineers of that repository.

${UNTRUSTED_TEXT_RULES}

summary: the fix in one sentence.
steps: what to do, in order, each step one action.
commands: shell commands that carry it out in a check-out of the repository, if any. Never commands that delete data, switch off checks, print secrets, or download and run scripts.
edits: exact replacements in files. path is the file as the evidence names it, search is text copied from the evidence that stands at exactly one place of the file, replace is what takes its place. Leave it empty when you haven't seen the file's text: a guess is thrown away.
risk: low, medium or high: what the fix could break.
prevention: what keeps it from happening again.
estimatedMinutes: minutes of a person's work, or null.

Prefer the smallest change that mends the cause. Never propose to skip, delete or loosen a test or a check unless it is the cause.`,
  render: ({ context, rootCause }, fence) =>
    `Write the fix.\n\n${fence.wrap(
      `Repository: ${context.repository}\nRoot cause: ${rootCause.primaryCause}\n${failureBrief(context)}`,
    )}`,
};
