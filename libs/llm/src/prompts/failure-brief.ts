import type { Evidence, FailureContext, Finding, SimilarIncident } from '@app/domain';
import { redactText } from '@app/log-analysis';
import type { Brief } from './brief.js';
import { clippedTo, type BriefPart } from './clip.js';

const GUTTER = /^\s*\d+ \| ?/;

/**
 * The failure as text for a prompt, in at most `maxTokens`: each part has its share, and what one leaves over goes to
 * those after it. Holds no line numbers: they belong to one log, and answers outlive it.
 */
export function failureBrief(context: FailureContext, maxTokens: number): Brief {
  const { ruleVerdict: rules } = context;
  const head = [
    `Workflow: ${context.workflowName ?? 'unknown'}`,
    `Job: ${context.jobName ?? 'unknown'}`,
    `Failed step: ${context.failedStep ?? 'unknown'}`,
    `What pattern matching makes of it (may be wrong): category ${rules.category}${
      rules.subcategory === null ? '' : ` (${rules.subcategory})`
    }, ${rules.determinism}, cause in ${rules.attribution}, confidence ${rules.confidence}. ${rules.rootCause}`,
  ].join('\n');
  return clippedTo(head, partsOf(context), maxTokens);
}

/** What an earlier operation answered, above the brief; masked like all of it. */
export function withHead(head: string, brief: Brief): Brief {
  return { ...brief, text: `${redactText(head).text}\n${brief.text}` };
}

function partsOf(context: FailureContext): BriefPart[] {
  const fileText = (role: 'workflow' | 'changed') =>
    context.files.filter((file) => file.role === role).map(({ path, text }) => `[${path}]\n${text}`);
  return [
    {
      title: 'Evidence, the decisive stretch first',
      share: 0.35,
      items: context.evidence.map(evidenceText),
    },
    { title: 'Messages that tools printed', share: 0.12, items: context.findings.map(findingText) },
    { title: 'Excerpt of the log', share: 0.25, items: excerptLines(context.excerpt) },
    { title: 'Files that the commit changed', share: 0.12, items: fileText('changed') },
    { title: 'The workflow file', share: 0.06, items: fileText('workflow') },
    {
      title: 'Passages of runbooks',
      share: 0.05,
      items: context.runbooks.map(({ title, text }) => `[${title}]\n${text}`),
    },
    { title: 'Similar incidents that were resolved', share: 0.05, items: resolved(context.similar) },
  ];
}

/** The lines of an excerpt without their line numbers. */
export function excerptLines(excerpt: string): string[] {
  return excerpt.split('\n').map((line) => line.replace(GUTTER, ''));
}

function evidenceText({ id, text }: Evidence): string {
  return `[${id}]\n${text}`;
}

function findingText(finding: Finding): string {
  const where = [finding.file, finding.line, finding.column].filter((part) => part !== undefined).join(':');
  const parts = [finding.tool, finding.code, where, finding.testName, finding.message];
  const compared =
    finding.expected === undefined
      ? []
      : [`expected ${finding.expected}, got ${finding.actual ?? 'nothing'}`];
  return [...parts, ...compared].filter((part) => part !== undefined && part !== '').join(' | ');
}

function resolved(similar: readonly SimilarIncident[]): string[] {
  return similar
    .filter((incident) => incident.resolved)
    .map(
      ({ category, rootCause, solution }) =>
        `- ${category ?? 'unknown'}: ${rootCause ?? 'cause not recorded'}; mended by: ${solution ?? 'not recorded'}`,
    );
}
