import type { FailureContext, RootCauseAnalysis } from '@app/domain';
import { failureBrief, withHead } from './failure-brief.js';
import { fenced, UNTRUSTED_TEXT_RULES, type Prompt } from './prompt.js';

export const solutionV2: Prompt<{ context: FailureContext; rootCause: RootCauseAnalysis }> = {
  version: 'solution.v2',
  system: `You write the fix for a failed CI job whose root cause is known, for engineers of that repository.

${UNTRUSTED_TEXT_RULES}

summary: the fix in one sentence.
steps: what to do, in order, each step one action.
commands: commands that carry it out in a check-out of the repository, if any: one command of a package manager, build tool, test runner, linter or git each, without pipes, redirections or substitutions. Never commands that delete data, switch off checks, print secrets, or download and run scripts. Add only packages that a tool's message names.
edits: exact replacements in files that the data shows whole. path is the file as its heading names it, search is text copied from it that stands there at exactly one place, replace is what takes its place. Leave it empty when you haven't seen the file: a guess is thrown away.
configurationChanges: settings to change. file is a file that the data names, or null for a setting outside the repository; setting, value and reason in words.
risk: low, medium or high: what the fix could break.
prevention: what keeps it from happening again.
estimatedMinutes: minutes of a person's work, or null.

Prefer the smallest change that mends the cause. Never propose to skip, delete or loosen a test or a check unless it is the cause.`,
  render: ({ context, rootCause }, fence, maxTokens) =>
    fenced(
      'Write the fix.',
      withHead(
        `Repository: ${context.repository}\nRoot cause: ${rootCause.primaryCause}`,
        failureBrief(context, maxTokens),
      ),
      fence,
    ),
};
