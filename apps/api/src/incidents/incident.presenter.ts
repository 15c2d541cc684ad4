import {
  repositoryName,
  type ArchivedLog,
  type Incident,
  type IncidentDiagnosis,
  type IncidentEvent,
  type Occurrence,
  type UsageTotals,
} from '@app/domain';
import { wordsOfCause } from '@app/pipeline';
import type { IncidentDetailView, IncidentLogView, IncidentView, TimelineView } from './incident.schemas.js';

/** Domain entities as the API shows them: times as ISO 8601, repositories by name. */
export function presentIncident(incident: Incident): IncidentView {
  return {
    id: incident.id,
    projectId: incident.projectId,
    repository: repositoryName(incident.repository),
    source: incident.source,
    runId: incident.runId,
    jobName: incident.jobName,
    workflowName: incident.workflowName,
    failedStep: incident.failedStep,
    headSha: incident.headSha,
    branch: incident.branch,
    pullRequests: [...incident.pullRequests],
    url: incident.url,
    status: incident.status,
    statusReason: incident.statusReason,
    ownWork: incident.ownWork,
    verifiedBy: incident.verifiedBy && {
      ...incident.verifiedBy,
      passedAt: incident.verifiedBy.passedAt.toISOString(),
    },
    category: incident.category,
    subcategory: incident.subcategory,
    severity: incident.severity,
    determinism: incident.determinism,
    confidence: incident.confidence,
    fingerprint: incident.fingerprint,
    latestAttempt: incident.latestAttempt,
    occurrences: incident.occurrences,
    openedAt: incident.openedAt.toISOString(),
    lastFailedAt: incident.lastFailedAt.toISOString(),
    updatedAt: incident.updatedAt.toISOString(),
  };
}

export function presentDetail(
  incident: Incident,
  shown: IncidentDiagnosis | null,
  log: ArchivedLog | null,
  usage: UsageTotals,
  occurrences: readonly Occurrence[],
): IncidentDetailView {
  return {
    ...presentIncident(incident),
    diagnosis: shown ? presentDiagnosis(shown, log) : null,
    evidence: log ? [...log.report.evidence] : [],
    cost: {
      modelCalls: usage.calls - usage.cached,
      cachedCalls: usage.cached,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      costUsd: usage.costUsd,
    },
    attempts: occurrences.map(({ attempt, jobId, failedAt, fingerprint }) => ({
      attempt,
      jobId,
      failedAt: failedAt.toISOString(),
      fingerprint,
    })),
  };
}

function presentDiagnosis(
  { diagnosis, reused, citations }: IncidentDiagnosis,
  log: ArchivedLog | null,
): NonNullable<IncidentDetailView['diagnosis']> {
  const { rootCause, solution, validation } = diagnosis;
  return {
    id: diagnosis.id,
    source: diagnosis.source,
    analyst: diagnosis.analyst,
    state: diagnosis.state,
    fallbackReason: diagnosis.fallbackReason,
    reused,
    rootCause: reused ? wordsOfCause(diagnosis, log?.report ?? null) : rootCause.primaryCause,
    rootCauseBy: rootCause.statedBy ?? diagnosis.source,
    contributingFactors: [...rootCause.contributingFactors],
    errorChain: [...rootCause.errorChain],
    affectedComponents: [...rootCause.affectedComponents],
    confidence: rootCause.confidence,
    citations: citations.map(({ evidenceId, quote, line }) => ({ evidenceId, quote, line })),
    solution: {
      summary: solution.summary,
      steps: [...solution.steps],
      commands: [...solution.commands],
      edits: solution.edits.map(({ path, search, replace }) => ({ path, search, replace })),
      configurationChanges: solution.configurationChanges.map((change) => ({ ...change })),
      risk: solution.risk,
      estimatedMinutes: solution.estimatedMinutes,
    },
    prevention: [...new Set([...rootCause.prevention, ...solution.prevention])],
    validation: validation && {
      safe: validation.safe,
      risk: validation.risk,
      concerns: [...validation.concerns],
      preconditions: [...validation.preconditions],
      alternatives: [...validation.alternatives],
      recommendation: validation.recommendation,
    },
    createdAt: diagnosis.createdAt.toISOString(),
  };
}

export function presentLog(log: ArchivedLog): IncidentLogView {
  const { report } = log;
  return {
    attempt: log.attempt,
    format: report.format,
    lines: report.lines,
    truncated: log.truncated,
    redactions: report.redactions,
    primary: report.primary,
    evidence: [...report.evidence],
    excerpt: report.excerpt,
    signature: report.signature,
    fingerprint: report.fingerprint,
  };
}

export function presentTimeline(events: readonly IncidentEvent[]): TimelineView {
  return {
    items: events.map(({ id, at, kind, from, to, facts }) => ({
      id,
      at: at.toISOString(),
      kind,
      from,
      to,
      facts: { ...facts },
    })),
  };
}
