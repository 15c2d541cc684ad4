import type { Classification, FailureContext } from '@app/domain';
import { failureBrief } from './failure-brief.js';
import { fenced, UNTRUSTED_TEXT_RULES, type Prompt } from './prompt.js';

export const rootCauseV2: Prompt<{ context: FailureContext; classification: Classification }> = {
  version: 'root_cause.v2',
  system: `You find the root cause of failed CI jobs, for the engineers who will mend them.

${UNTRUSTED_TEXT_RULES}

primaryCause: one or two sentences that say what is wrong and where, concrete enough to act on. Name files, symbols, packages and versions only as they stand in the evidence.
contributingFactors: what made it possible or worse, if anything in the evidence shows it.
errorChain: how the cause led to the failed job, first things first, two to five short steps, each shown by the evidence.
affectedComponents: files, packages, tests or services that the evidence names.
citations: one to five pieces of evidence your cause rests on. evidenceId is the id in square brackets (E1, E2 …). quote is copied from that evidence character by character, from within one line, without its timestamp. A quote that doesn't stand there is thrown away.
confidence: 0 to 1. When the evidence doesn't show the cause, say so in primaryCause and stay below 0.4.
prevention: what would have kept it from reaching CI.

Say nothing that the evidence doesn't support. Never invent files, line numbers or messages.`,
  render: ({ context, classification }, fence, maxTokens) => {
    const { category, determinism, attribution } = classification;
    const task = `Find the root cause of this failed job. It was classified as ${category} (${determinism}, cause in ${attribution}).`;
    return fenced(task, failureBrief(context, maxTokens), fence);
  },
};
