import { randomUUID } from 'node:crypto';
import type { FailedJob, OpenedIncident, Project, RepositoryRef } from '@app/domain';
import type { IncidentRow, MemoryStore } from './store.js';

export function ensureProject(store: MemoryStore, repository: RepositoryRef): Project {
  const key = repositoryKey(repository);
  for (const project of store.projects.values()) {
    if (repositoryKey(project.repository) === key) return project;
  }
  const project = { id: randomUUID(), repository: { ...repository }, createdAt: store.clock.now() };
  store.projects.set(project.id, project);
  return project;
}

/** One failed attempt of a job: opens its incident, reopens it, or is already known. */
export function openIncident(store: MemoryStore, job: FailedJob): OpenedIncident {
  const project = ensureProject(store, job.repository);
  const row = [...store.incidents.values()].find(
    (incident) =>
      incident.projectId === project.id && incident.runId === job.runId && incident.jobName === job.jobName,
  );
  if (!row) return openNew(store, project, job);

  const occurrence = store.occurrences.find(
    (known) => known.incidentId === row.id && known.attempt === job.attempt,
  );
  if (occurrence) {
    occurrence.jobId ??= job.jobId;
    if (job.attempt === row.latestAttempt) fillIn(row, job);
    return { incidentId: row.id, sequence: row.sequence, outcome: 'known' };
  }

  addOccurrence(store, row, job);
  store.addEvent(row.id, 'occurred_again', { from: null, to: null }, attemptFacts(job));
  row.updatedAt = store.clock.now();
  if (job.attempt <= row.latestAttempt) {
    return { incidentId: row.id, sequence: row.sequence, outcome: 'known' };
  }
  Object.assign(row, {
    latestAttempt: job.attempt,
    latestJobId: job.jobId,
    failedStep: job.failedStep,
    headSha: job.headSha ?? row.headSha,
    url: job.url ?? row.url,
  });
  if (row.status === 'received') return { incidentId: row.id, sequence: row.sequence, outcome: 'known' };
  store.reopen(row, null, attemptFacts(job));
  return { incidentId: row.id, sequence: row.sequence, outcome: 'reopened' };
}

/** A run that failed without a listed job is its own incident, unless jobs of it are known after all. */
export function isCoveredByJobs(store: MemoryStore, job: FailedJob): boolean {
  if (job.jobName !== '') return false;
  const project = ensureProject(store, job.repository);
  return [...store.incidents.values()].some(
    (incident) =>
      incident.projectId === project.id && incident.runId === job.runId && incident.jobName !== '',
  );
}

function openNew(store: MemoryStore, project: Project, job: FailedJob): OpenedIncident {
  const now = store.clock.now();
  const row: IncidentRow = {
    id: randomUUID(),
    projectId: project.id,
    repository: project.repository,
    source: job.source,
    runId: job.runId,
    jobName: job.jobName,
    workflowId: job.workflowId,
    workflowName: job.workflowName,
    headSha: job.headSha,
    branch: job.branch,
    pullRequests: [...job.pullRequests],
    url: job.url,
    status: 'received',
    statusReason: null,
    latestAttempt: job.attempt,
    latestJobId: job.jobId,
    failedStep: job.failedStep,
    occurrences: 0,
    category: null,
    subcategory: null,
    severity: null,
    determinism: null,
    confidence: null,
    fingerprint: null,
    patternId: null,
    diagnosisId: null,
    openedAt: now,
    lastFailedAt: job.failedAt,
    updatedAt: now,
    sequence: 1,
    outboxAt: now,
    claimToken: null,
    claimUntil: null,
    rootCause: null,
    verifiedAt: null,
    outcomeWeight: 0,
    steps: new Map(),
  };
  store.incidents.set(row.id, row);
  addOccurrence(store, row, job);
  store.addEvent(row.id, 'opened', { from: null, to: 'received' }, attemptFacts(job));
  return { incidentId: row.id, sequence: 1, outcome: 'opened' };
}

function addOccurrence(store: MemoryStore, row: IncidentRow, job: FailedJob): void {
  const { attempt, jobId, failedAt } = job;
  store.occurrences.push({
    incidentId: row.id,
    attempt,
    jobId,
    failedAt,
    fingerprint: null,
    patternId: null,
  });
  row.occurrences += 1;
  if (failedAt > row.lastFailedAt) row.lastFailedAt = failedAt;
}

/** A second report of the same attempt may know what the first didn't. */
function fillIn(row: IncidentRow, job: FailedJob): void {
  row.latestJobId ??= job.jobId;
  row.failedStep ??= job.failedStep;
  row.workflowId ??= job.workflowId;
  row.workflowName ??= job.workflowName;
  row.headSha ??= job.headSha;
  row.branch ??= job.branch;
  row.url ??= job.url;
}

function attemptFacts(job: FailedJob): Record<string, unknown> {
  return { attempt: job.attempt, conclusion: job.conclusion };
}

function repositoryKey({ host, owner, name }: RepositoryRef): string {
  return `${host}/${owner}/${name}`.toLowerCase();
}
