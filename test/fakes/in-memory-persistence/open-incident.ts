import { randomUUID } from 'node:crypto';
import type { FailedJob, OpenedIncident, Project } from '@app/domain';
import { headsOf, noteJobAttempt, noteMerges, noteRun } from './run-facts.js';
import { ensureProject } from './projects.js';
import type { IncidentRow, MemoryStore, RunRow } from './store.js';

/** One failed attempt of a job: opens its incident, reopens it, or is already known. */
export function openIncident(store: MemoryStore, job: FailedJob): OpenedIncident {
  const project = ensureProject(store, job.repository);
  const run = noteRun(store, project.id, job);
  const { runId, jobName, attempt, jobId, conclusion, failedStep, failedAt, url } = job;
  noteJobAttempt(store, {
    projectId: project.id,
    runId,
    jobName,
    attempt,
    jobId,
    conclusion,
    failedStep,
    url,
    branch: job.branch,
    endedAt: failedAt,
  });
  const row = [...store.incidents.values()].find(
    (incident) =>
      incident.projectId === project.id && incident.runId === runId && incident.jobName === jobName,
  );
  if (!row) return openNew(store, project, job, run);

  const known = store.occurrences.find(
    (occurrence) => occurrence.incidentId === row.id && occurrence.attempt === attempt,
  );
  let outcome: OpenedIncident['outcome'] = 'known';
  if (known) known.jobId ??= jobId;
  else {
    const isLater = attempt > row.latestAttempt;
    addOccurrence(store, row, job);
    store.addEvent(row.id, 'occurred_again', { from: null, to: null }, attemptFacts(job));
    row.updatedAt = store.clock.now();
    row.latestAttempt = Math.max(row.latestAttempt, attempt);
    if (isLater && row.status !== 'received') {
      store.reopen(row, null, attemptFacts(job));
      outcome = 'reopened';
    }
  }
  deriveAttempt(store, row);
  return { incidentId: row.id, sequence: row.sequence, outcome, turn: turnOf(store, row.projectId) };
}

/** Its place in its project's line of who is last in it. */
export function turnOf(store: MemoryStore, projectId: string): number {
  const waiting = [...store.incidents.values()].filter(
    (row) => row.projectId === projectId && (row.status === 'received' || row.status === 'diagnosing'),
  );
  return Math.min(200, Math.max(1, waiting.length));
}

/** The latest attempt says which job and step failed; the address is the latest that is known. */
function deriveAttempt(store: MemoryStore, row: IncidentRow): void {
  const failed = [...store.jobAttempts.values()]
    .filter(
      (job) =>
        job.projectId === row.projectId &&
        job.runId === row.runId &&
        job.jobName === row.jobName &&
        job.attempt <= row.latestAttempt,
    )
    .toSorted((a, b) => b.attempt - a.attempt);
  const latest = failed[0]!;
  Object.assign(row, {
    latestJobId: latest.jobId,
    failedStep: latest.failedStep,
    url: failed.find(({ url }) => url !== null)?.url ?? null,
  });
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

function openNew(store: MemoryStore, project: Project, job: FailedJob, run: RunRow): OpenedIncident {
  const now = store.clock.now();
  const heads = run.headSha === null ? [] : headsOf(store, project.id, run.headSha);
  const row: IncidentRow = {
    id: randomUUID(),
    projectId: project.id,
    repository: project.repository,
    source: job.source,
    runId: job.runId,
    jobName: job.jobName,
    workflowId: run.workflowId,
    workflowName: run.workflowName,
    headSha: run.headSha,
    branch: run.branch,
    pullRequests: [...new Set([...job.pullRequests, ...heads])].toSorted((a, b) => a - b),
    url: job.url,
    ownWork: run.ownWork,
    status: 'received',
    statusReason: null,
    verifiedBy: null,
    reopenedAt: null,
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
  noteMerges(store, row);
  if (row.jobName !== '') coverRun(store, row);
  return { incidentId: row.id, sequence: 1, outcome: 'opened', turn: turnOf(store, project.id) };
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

/** The run's own incident stood for jobs that were not known. */
function coverRun(store: MemoryStore, { projectId, runId }: IncidentRow): void {
  const itself = [...store.incidents.values()].find(
    (row) => row.projectId === projectId && row.runId === runId && row.jobName === '',
  );
  if (!itself || itself.status === 'resolved' || itself.status === 'ignored') return;
  store.move(itself, 'ignored', 'The run’s failed jobs have incidents of their own.');
}

function attemptFacts(job: FailedJob): Record<string, unknown> {
  return { attempt: job.attempt, conclusion: job.conclusion };
}
