import type { Incident } from '@app/domain';
import type { IncidentEntity } from '../entities/incident.entity.js';

/** The entity must have its project loaded. */
export function toIncident(row: IncidentEntity): Incident {
  const { host, owner, name } = row.project;
  return {
    id: row.id,
    projectId: row.projectId,
    repository: { host, owner, name },
    source: row.source,
    runId: row.runId,
    jobName: row.jobName,
    workflowId: row.workflowId,
    workflowName: row.workflowName,
    headSha: row.headSha,
    branch: row.branch,
    pullRequests: row.pullRequests,
    url: row.url,
    ownWork: row.ownWork,
    status: row.status,
    statusReason: row.statusReason,
    verifiedBy: row.verifiedBy && { ...row.verifiedBy, passedAt: new Date(row.verifiedBy.passedAt) },
    latestAttempt: row.latestAttempt,
    latestJobId: row.latestJobId,
    failedStep: row.failedStep,
    occurrences: row.occurrences,
    category: row.category,
    subcategory: row.subcategory,
    severity: row.severity,
    determinism: row.determinism,
    confidence: row.confidence,
    fingerprint: row.fingerprint,
    patternId: row.patternId,
    diagnosisId: row.diagnosisId,
    openedAt: row.openedAt,
    lastFailedAt: row.lastFailedAt,
    updatedAt: row.updatedAt,
  };
}
