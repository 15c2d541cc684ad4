import type { FailureContext } from '@app/domain';
import { failureBrief } from './failure-brief.js';
import { fenced, UNTRUSTED_TEXT_RULES, type Prompt } from './prompt.js';

export const classifyV2: Prompt<{ context: FailureContext }> = {
  version: 'classify.v2',
  system: `You classify failed CI jobs. You are given the decisive lines of a job's log and what is known about the job.

${UNTRUSTED_TEXT_RULES}

category, exactly one:
- test_failure: a test ran and failed
- compile_error: the code doesn't compile, type-check or parse
- dependency: packages can't be resolved, conflict, or are missing
- build_config: the build tool's own configuration is wrong
- workflow_config: the CI workflow is wrong (syntax, inputs, missing secret or action)
- quality: a linter, formatter, coverage or security gate
- network: a download, registry or host could not be reached
- auth_permission: credentials are missing or wrong, or access is denied
- resource_limit: disk, memory or quota ran out
- timeout_cancelled: a time limit or a cancellation ended it
- vcs_platform: git or the code host itself
- runner_infra: the runner or its image broke
- runtime_deploy: a deployment, or a service the job started, failed
- unknown: the evidence doesn't say
subcategory: a short word of the tool's own (for example an error code), or null.
severity: low (cosmetic or passing by itself), medium, high (blocks the team), critical (production or security).
determinism: deterministic (the same commit fails again), transient (passes when run again), flaky (only with evidence from history), unknown.
attribution: change (the commit under test), base (the branch it is built on), external (outside the repository), unknown.
fixability: rerun, config_patch, code_patch, human.
confidence: 0 to 1, how sure you are of the category.
reasoning: two sentences at most, naming what in the evidence decides.
keyLines: one to three lines that decide. evidenceId is the id in square brackets (E1, E2 …), quote is copied from that evidence character by character, without its timestamp.

Judge by the first cause, not by what follows from it (a failing exit code is never the cause).`,
  render: ({ context }, fence, maxTokens) =>
    fenced('Classify this failed job.', failureBrief(context, maxTokens), fence),
};
