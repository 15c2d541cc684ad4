import type { Incident } from '@app/domain';
import { causeOf, type FailedIncident } from './failed-incident.js';
import { code, fenced, link, plain } from './markdown.js';

/** Causes shown in full; the others are named. */
const MAX_CAUSES = 10;
const MAX_JOBS_NAMED = 8;
const MAX_QUOTES = 3;
const MAX_QUOTE_CHARS = 800;

/** Whether somebody has to do something about it; not while work goes on, or where the cause lies outside. */
export function needsPerson({ incident, diagnosis }: FailedIncident): boolean {
  switch (incident.status) {
    case 'received':
    case 'diagnosing':
    case 'remediating':
    case 'verifying':
    case 'resolved':
    case 'ignored':
      return false;
    case 'awaiting_approval':
    case 'escalated':
    case 'diagnosis_failed':
      return true;
    case 'diagnosed': {
      if (diagnosis === null || diagnosis.state === 'insufficient_evidence') return true;
      const { determinism, attribution } = diagnosis.classification;
      return determinism !== 'transient' && determinism !== 'flaky' && attribution !== 'external';
    }
  }
}

/** `4 failed, 1 needs you` */
export function headline(failures: readonly FailedIncident[]): string {
  const open = failures.filter(
    ({ incident }) => incident.status !== 'resolved' && incident.status !== 'ignored',
  );
  if (open.length === 0) return 'all repaired';
  const needing = open.filter(needsPerson).length;
  const needs = needing === 0 ? 'none needs you' : needing === 1 ? '1 needs you' : `${needing} need you`;
  return `${open.length} failed, ${needs}`;
}

/** The comment of a pull request: one paragraph for each cause, the ones that need somebody first. */
export function composeComment(failures: readonly FailedIncident[], headSha: string | null): string {
  const byCause = new Map<string, FailedIncident[]>();
  for (const failure of failures) {
    const key = causeKey(failure);
    byCause.set(key, [...(byCause.get(key) ?? []), failure]);
  }
  const causes = [...byCause.values()].toSorted((a, b) => urgency(b) - urgency(a));
  const shown = causes.slice(0, MAX_CAUSES).map(paragraph);
  const rest = causes.slice(MAX_CAUSES).flat();
  const commit = headSha === null ? [] : [`On ${code(headSha.slice(0, 7))}.`];
  const more = rest.length === 0 ? [] : [`And ${rest.length} more: ${jobsOf(rest)}.`];
  return [`### devflowfix: ${headline(failures)}`, ...commit, ...shown, ...more].join('\n\n');
}

function causeKey({ incident }: FailedIncident): string {
  return incident.fingerprint ?? incident.id;
}

function urgency(failures: readonly FailedIncident[]): number {
  if (failures.some(needsPerson)) return 2;
  return failures.some(({ incident }) => incident.status !== 'resolved') ? 1 : 0;
}

function paragraph(failures: readonly FailedIncident[]): string {
  const [first] = failures as [FailedIncident, ...FailedIncident[]];
  const { diagnosis, quotes } = first;
  const lines = [`**${jobsOf(failures)}** – ${stateOf(first.incident)}`, plain(causeOf(first))];
  if (quotes.length > 0) lines.push(fenced(quotes.slice(0, MAX_QUOTES).join('\n'), MAX_QUOTE_CHARS));
  if (diagnosis && first.incident.status !== 'resolved')
    lines.push(`Fix: ${plain(diagnosis.solution.summary)}`);
  return lines.join('\n\n');
}

function jobsOf(failures: readonly FailedIncident[]): string {
  const named = failures
    .slice(0, MAX_JOBS_NAMED)
    .map(({ incident }) =>
      link(code(incident.jobName || (incident.workflowName ?? 'the run')), incident.url),
    );
  const more = failures.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function stateOf({ status, category, determinism, verifiedBy }: Incident): string {
  const kind = [category?.replaceAll('_', ' '), determinism === 'unknown' ? null : determinism];
  const known = kind.filter((text) => text !== null && text !== undefined).join(', ');
  const state: Partial<Record<Incident['status'], string>> = {
    received: 'is being diagnosed',
    diagnosing: 'is being diagnosed',
    awaiting_approval: 'a remedy waits for approval',
    remediating: 'a remedy is under way',
    verifying: 'the remedy is being verified',
    resolved: verifiedBy
      ? `resolved by ${link(`run ${verifiedBy.runId}, attempt ${verifiedBy.attempt}`, verifiedBy.url)}`
      : 'resolved by hand',
    escalated: 'needs a person',
    ignored: 'ignored',
    diagnosis_failed: 'could not be diagnosed',
  };
  return [known, state[status]].filter((text) => text !== undefined && text !== '').join('; ');
}
