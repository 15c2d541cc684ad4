import {
  matchesOnePlace,
  type ChatAnswer,
  type ChatQuestion,
  type Citation,
  type Classification,
  type ConfigurationChange,
  type Evidence,
  type FailureContext,
  type RootCauseAnalysis,
  type Solution,
  type Validation,
} from '@app/domain';
import { anchorCitation } from '@app/log-analysis';
import { excerptLines } from '../prompts/failure-brief.js';
import { isAllowedCommand } from './allowed-command.js';
import { atMost, clip, list } from './bounds.js';
import { isUnguardedEdit, isUnguardedSetting } from './guarded-change.js';
import { hostileSign } from './hostile-text.js';
import { claimOf, namesOnlyShownFiles, proposalOf } from './named-files.js';

/** More than one edit of a file is one change; more than this is no small one. */
const MAX_EDIT_CHARS = 20_000;

/**
 * What a model may say, held to what it was shown: lengths are bounded; citations, edits, commands and settings that
 * nothing vouches for are dropped; and where the failure's text addresses the model, nothing of its answer acts.
 */
export function checkedClassification(answer: Classification, context: FailureContext): Classification {
  const { ruleVerdict: rules } = context;
  const shown = shownTexts(context);
  const base = {
    ...answer,
    subcategory: answer.subcategory === null ? null : clip(answer.subcategory, 100),
    reasoning: claimOf(clip(answer.reasoning), shown),
    keyLines: standing(answer.keyLines, context.evidence),
  };
  if (hostileSign(context) !== null) {
    const { determinism, attribution } = rules;
    return { ...base, determinism, attribution, fixability: 'human' };
  }
  // A rerun goes ahead without a person: a log's words alone must not bring one about.
  const mayRerun = rules.fixability === 'rerun';
  return { ...base, fixability: answer.fixability === 'rerun' && !mayRerun ? 'human' : answer.fixability };
}

export function checkedRootCause(answer: RootCauseAnalysis, context: FailureContext): RootCauseAnalysis {
  const shown = shownTexts(context);
  return {
    ...answer,
    primaryCause: claimOf(clip(answer.primaryCause), shown),
    contributingFactors: list(answer.contributingFactors).map((text) => claimOf(text, shown)),
    errorChain: list(answer.errorChain).map((text) => claimOf(text, shown)),
    affectedComponents: list(answer.affectedComponents).filter((name) => isNamedIn(name, shown)),
    citations: standing(answer.citations, context.evidence),
    prevention: list(answer.prevention).map((text) => proposalOf(text, shown)),
  };
}

export function checkedSolution(answer: Solution, context: FailureContext): Solution {
  const shown = shownTexts(context);
  const base = {
    ...answer,
    summary: proposalOf(clip(answer.summary), shown),
    steps: list(answer.steps).map((text) => proposalOf(text, shown)),
    prevention: list(answer.prevention).map((text) => proposalOf(text, shown)),
  };
  if (hostileSign(context) !== null) {
    return { ...base, commands: [], edits: [], configurationChanges: [], risk: 'high' };
  }
  return {
    ...base,
    commands: list(answer.commands).filter((command) => isAllowedCommand(command, context)),
    edits: atMost(
      answer.edits.filter(
        (edit) =>
          edit.replace.length <= MAX_EDIT_CHARS &&
          matchesOnePlace(edit, context.files) &&
          isUnguardedEdit(edit, context),
      ),
    ),
    configurationChanges: atMost(
      answer.configurationChanges
        .filter((change) => isAboutSomethingShown(change, shown) && isUnguardedSetting(change, context))
        .map(bounded),
    ),
  };
}

export function checkedValidation(
  answer: Validation,
  context: FailureContext,
  solution: Solution,
): Validation {
  const concerns = list(answer.concerns);
  const base = {
    ...answer,
    concerns,
    preconditions: list(answer.preconditions),
    alternatives: list(answer.alternatives),
  };
  const sign = hostileSign(context);
  if (sign !== null) {
    const concern = `The log or the files hold text that ${sign}: somebody may be trying to steer this answer.`;
    return {
      ...base,
      safe: false,
      risk: 'high',
      recommendation: 'escalate',
      concerns: [concern, ...concerns],
    };
  }
  // An answer that contradicts itself is not one to act on.
  const isSound = answer.safe && answer.appropriate && answer.risk !== 'high' && solution.risk !== 'high';
  const recommendation = answer.recommendation === 'proceed' && !isSound ? 'escalate' : answer.recommendation;
  return { ...base, recommendation };
}

export function checkedChatAnswer(
  answer: { readonly text: string; readonly citations: readonly { sourceId: string; quote: string }[] },
  question: ChatQuestion,
): ChatAnswer {
  const sources = question.sources.map(({ id, text }) => ({ id, text, startLine: 1, endLine: 1 }));
  const cited = answer.citations.map(({ sourceId, quote }) => ({ evidenceId: sourceId, quote }));
  const citations = standing(cited, sources);
  return { text: clip(answer.text, 8_000), citations, grounded: citations.length > 0 };
}

/** The citations whose quote stands verbatim in the evidence they name, each once. */
function standing(citations: readonly Citation[], evidence: readonly Evidence[]): Citation[] {
  const kept = new Map<string, Citation>();
  for (const { evidenceId, quote } of citations) {
    if (anchorCitation({ evidenceId, quote }, evidence) !== null) {
      kept.set(`${evidenceId} ${quote}`, { evidenceId, quote });
    }
  }
  return atMost([...kept.values()]);
}

/** Everything the model was shown that may name a file, a package or a service. */
function shownTexts(context: FailureContext): string[] {
  return [
    ...context.evidence.map(({ text }) => text),
    excerptLines(context.excerpt).join('\n'),
    ...context.findings.flatMap(({ file, message, testName }) => [file ?? '', message, testName ?? '']),
    ...context.files.flatMap(({ path, text }) => [path, text]),
    ...context.runbooks.map(({ text }) => text),
    [context.workflowName, context.jobName, context.failedStep, context.repository].join('\n'),
  ].map((text) => text.toLowerCase());
}

/** A name with its description: that the name stands somewhere is enough. */
function isNamedIn(name: string, shown: readonly string[]): boolean {
  if (!namesOnlyShownFiles(name, shown)) return false;
  const words = name.toLowerCase().replace(/[`"'“”]/g, '');
  const candidates = [words, ...words.split(/[\s(),]+/).filter((word) => word.length >= 4)];
  return candidates.some((candidate) => shown.some((text) => text.includes(candidate)));
}

/** A setting outside the repository, or of a file that was shown or named. */
function isAboutSomethingShown({ file }: ConfigurationChange, shown: readonly string[]): boolean {
  if (file === null) return true;
  const isInside = !file.startsWith('/') && !/^[A-Za-z]:/.test(file) && !file.split(/[\\/]/).includes('..');
  return isInside && file.trim() !== '' && shown.some((text) => text.includes(file.toLowerCase()));
}

function bounded({ file, setting, value, reason }: ConfigurationChange): ConfigurationChange {
  return { file, setting: clip(setting, 200), value: clip(value, 500), reason: clip(reason, 500) };
}
