import type { Evidence, FailureContext, Finding, SimilarIncident } from '@app/domain';

/** Characters a section gets at most; what is cut is said in the text. */
const LIMITS = { evidence: 12_000, findings: 4_000, excerpt: 12_000, similar: 4_000 } as const;
const GUTTER = /^\s*\d+ \| ?/;

/** The failure as text for a prompt. Holds no line numbers: they belong to one log, and answers outlive it. */
export function failureBrief(context: FailureContext): string {
  const { ruleVerdict: rules } = context;
  return [
    `Workflow: ${context.workflowName ?? 'unknown'}`,
    `Job: ${context.jobName ?? 'unknown'}`,
    `Failed step: ${context.failedStep ?? 'unknown'}`,
    `What pattern matching makes of it (may be wrong): category ${rules.category}${
      rules.subcategory === null ? '' : ` (${rules.subcategory})`
    }, ${rules.determinism}, cause in ${rules.attribution}, confidence ${rules.confidence}. ${rules.rootCause}`,
    section(
      'Evidence, the decisive stretch first',
      clipped(context.evidence.map(evidenceText), LIMITS.evidence),
    ),
    section('Messages that tools printed', clipped(context.findings.map(findingText), LIMITS.findings)),
    section('Excerpt of the log', clipped(excerptLines(context.excerpt), LIMITS.excerpt)),
    section('Similar incidents that were resolved', clipped(resolved(context.similar), LIMITS.similar)),
  ].join('\n');
}

/** The lines of an excerpt without their line numbers. */
export function excerptLines(excerpt: string): string[] {
  return excerpt.split('\n').map((line) => line.replace(GUTTER, ''));
}

function section(title: string, body: string): string {
  return `\n${title}:\n${body === '' ? '(none)' : body}`;
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

function clipped(parts: readonly string[], maxChars: number): string {
  let left = maxChars;
  const kept: string[] = [];
  for (const part of parts) {
    if (part.length > left) {
      if (left > 0) kept.push(part.slice(0, left));
      kept.push('[cut here: there is more]');
      break;
    }
    kept.push(part);
    left -= part.length + 1;
  }
  return kept.join('\n');
}
