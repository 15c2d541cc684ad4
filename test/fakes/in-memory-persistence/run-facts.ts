import {
  PASSED,
  SETTLEABLE,
  isOriginKnown,
  mayProve,
  type HeadReport,
  type PassedAttempt,
  type Proof,
  type ProvableFailure,
  type PullReport,
  type ResolvedIncident,
  type RunFacts,
  type WantedRun,
} from '@app/domain';
import { ensureProject } from './projects.js';
import type { IncidentRow, JobAttemptRow, MemoryStore, RunRow } from './store.js';

/** What any report says of the run as a whole. */
interface RunConstants {
  readonly runId: number;
  readonly workflowId: number | null;
  readonly workflowName: string | null;
  readonly branch: string | null;
  readonly headSha: string | null;
  readonly headRepository?: string | null;
  readonly ownWork?: boolean;
  readonly pullRequests?: readonly number[];
}

export function noteRun(store: MemoryStore, projectId: string, told: RunConstants): RunRow {
  const key = `${projectId}/${told.runId}`;
  const known = store.runs.get(key);
  const run: RunRow = {
    projectId,
    runId: told.runId,
    workflowId: known?.workflowId ?? told.workflowId,
    workflowName: known?.workflowName ?? told.workflowName,
    branch: known?.branch ?? told.branch,
    headSha: known?.headSha ?? told.headSha,
    headRepository: known?.headRepository ?? told.headRepository?.toLowerCase() ?? null,
    ownWork: known?.ownWork === true || told.ownWork === true,
    toldAt: known?.toldAt ?? store.clock.now(),
  };
  store.runs.set(key, run);
  if (told.headSha !== null)
    for (const number of told.pullRequests ?? []) headsOf(store, projectId, told.headSha).add(number);
  deriveRun(store, run);
  return run;
}

export function noteHeads(
  store: MemoryStore,
  projectId: string,
  { headSha, pullRequests }: HeadReport,
): void {
  for (const number of pullRequests) headsOf(store, projectId, headSha).add(number);
  for (const run of store.runs.values())
    if (run.projectId === projectId && run.headSha === headSha) deriveRun(store, run);
}

/** Answers the incidents of the pull request. */
export function notePull(store: MemoryStore, projectId: string, pull: PullReport): IncidentRow[] {
  const key = `${projectId}/${pull.number}`;
  const known = store.pulls.get(key);
  if (!known || pull.changedAt > known.changedAt) store.pulls.set(key, pull);
  noteHeads(store, projectId, { ...pull, pullRequests: [pull.number] });
  const linked = [...store.incidents.values()].filter(
    (row) => row.projectId === projectId && row.pullRequests.includes(pull.number),
  );
  for (const row of linked) noteMerges(store, row);
  return linked.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export function headsOf(store: MemoryStore, projectId: string, headSha: string): Set<number> {
  const key = `${projectId}/${headSha}`;
  const heads = store.pullHeads.get(key) ?? new Set<number>();
  store.pullHeads.set(key, heads);
  return heads;
}

function deriveRun(store: MemoryStore, run: RunRow): void {
  for (const row of store.incidents.values()) {
    if (row.projectId !== run.projectId || row.runId !== run.runId) continue;
    const heads = run.headSha === null ? [] : headsOf(store, run.projectId, run.headSha);
    Object.assign(row, {
      workflowId: run.workflowId,
      workflowName: run.workflowName,
      branch: run.branch,
      headSha: run.headSha,
      ownWork: run.ownWork,
      pullRequests: [...new Set([...row.pullRequests, ...heads])].toSorted((a, b) => a - b),
    });
    noteMerges(store, row);
  }
}

/** The merges of an incident's pull requests, once each on its timeline. */
export function noteMerges(store: MemoryStore, row: IncidentRow): void {
  for (const number of row.pullRequests) {
    const pull = store.pulls.get(`${row.projectId}/${number}`);
    const isNoted = store.events.some(
      (event) =>
        event.incidentId === row.id &&
        event.kind === 'pull_request_merged' &&
        event.facts['number'] === number,
    );
    if (!pull?.mergedAt || isNoted) continue;
    const { mergedAt, mergeSha, url } = pull;
    const facts = { number, mergedAt: mergedAt.toISOString(), sha: mergeSha, url };
    store.addEvent(row.id, 'pull_request_merged', { from: null, to: null }, facts);
  }
}

export function noteRunAttempt(
  store: MemoryStore,
  projectId: string,
  told: { runId: number; attempt: number; conclusion: string | null; endedAt: Date | null },
): void {
  const { runId, attempt, conclusion, endedAt } = told;
  const key = `${projectId}/${runId}/${attempt}`;
  if (conclusion === null || store.runAttempts.has(key)) return;
  store.runAttempts.set(key, { projectId, runId, attempt, conclusion, endedAt, jobsListed: false });
}

export function noteJobAttempt(store: MemoryStore, told: JobAttemptRow): void {
  const key = `${told.projectId}/${told.runId}/${told.attempt}/${told.jobName}`;
  const known = store.jobAttempts.get(key);
  store.jobAttempts.set(key, {
    ...(known ?? told),
    jobId: known?.jobId ?? told.jobId,
    branch: known?.branch ?? told.branch,
    failedStep: known?.failedStep ?? told.failedStep,
    url: known?.url ?? told.url,
  });
}

/** Stores facts and resolves what they prove repaired. */
export function learnFacts(store: MemoryStore, facts: RunFacts): ResolvedIncident[] {
  for (const run of facts.runs) {
    const { id } = ensureProject(store, run.repository);
    noteRun(store, id, run);
    noteRunAttempt(store, id, run);
  }
  for (const job of facts.jobs) {
    const { id: projectId } = ensureProject(store, job.repository);
    noteRun(store, projectId, job);
    const { runId, jobName, attempt, jobId, branch, conclusion, endedAt, url } = job;
    noteJobAttempt(store, {
      projectId,
      runId,
      jobName,
      attempt,
      jobId,
      branch,
      conclusion,
      endedAt,
      url,
      failedStep: null,
    });
  }
  for (const { repository, runId, attempt } of facts.listed) {
    const listed = store.runAttempts.get(`${ensureProject(store, repository).id}/${runId}/${attempt}`);
    if (listed) listed.jobsListed = true;
  }
  return settle(store, [...store.incidents.values()]);
}

/** Resolves those incidents that the facts prove repaired. */
export function settle(store: MemoryStore, rows: readonly IncidentRow[]): ResolvedIncident[] {
  const resolved: ResolvedIncident[] = [];
  for (const row of rows) {
    if (row.source !== 'github' || !(SETTLEABLE.includes(row.status) || row.status === 'resolved')) continue;
    const proof = findProof(store, row);
    const before = row.verifiedBy;
    if (!proof || (before?.runId === proof.runId && before.attempt === proof.attempt)) continue;
    if (row.status !== 'resolved') store.move(row, 'resolved', null, { ...proof, verified: true });
    else if (!before) store.addEvent(row.id, 'verified', { from: null, to: null }, { ...proof });
    row.statusReason = null;
    row.verifiedBy = proof;
    row.verifiedAt = proof.passedAt;
    row.updatedAt = store.clock.now();
    if (!before) resolved.push({ incidentId: row.id, projectId: row.projectId });
  }
  return resolved;
}

interface Passed extends PassedAttempt {
  readonly jobId: number | null;
  readonly url: string | null;
}

function findProof(store: MemoryStore, row: IncidentRow): Proof | null {
  const failure = failureOf(store, row);
  const first = passedAttempts(store, row)
    .filter((passed) => mayProve(failure, passed) && isOriginKnown(failure, passed))
    .toSorted((a, b) => a.runId - b.runId || a.attempt - b.attempt)[0];
  if (!first) return null;
  const { runId, attempt, jobId, passedAt, url } = first;
  return { runId, attempt, jobId, passedAt, url };
}

/** What must be asked of the CI system before an incident can be told repaired or not. */
export function wantedOf(store: MemoryStore, row: IncidentRow): WantedRun[] {
  if (row.verifiedBy || row.status === 'ignored' || row.jobName === '') return [];
  const failure = failureOf(store, row);
  const wanted: WantedRun[] = [];
  for (const passed of passedAttempts(store, row)) {
    if (!mayProve(failure, passed) || isOriginKnown(failure, passed)) continue;
    for (const { runId, headRepository } of [passed, failure])
      if (headRepository === null && !wanted.some((run) => run.runId === runId))
        wanted.push({ runId, attempt: null });
  }
  for (const run of store.runAttempts.values()) {
    const isOpen = run.projectId === row.projectId && run.conclusion === PASSED && !run.jobsListed;
    const { runId, attempt } = run;
    const isKnown = store.jobAttempts.has(`${row.projectId}/${runId}/${attempt}/${row.jobName}`);
    if (isOpen && !isKnown && mayProve(failure, passedOf(store, run.projectId, runId, attempt, run.endedAt)))
      wanted.push({ runId, attempt });
  }
  return wanted;
}

function failureOf(store: MemoryStore, row: IncidentRow): ProvableFailure {
  const headRepository = store.runs.get(`${row.projectId}/${row.runId}`)?.headRepository ?? null;
  const { runId, latestAttempt, lastFailedAt, reopenedAt, branch, workflowId, workflowName } = row;
  return { runId, latestAttempt, lastFailedAt, reopenedAt, branch, workflowId, workflowName, headRepository };
}

function passedAttempts(store: MemoryStore, row: IncidentRow): Passed[] {
  const { projectId, jobName } = row;
  if (jobName === '')
    return [...store.runAttempts.values()]
      .filter((run) => run.projectId === projectId && run.conclusion === PASSED)
      .map((run) => ({
        ...passedOf(store, projectId, run.runId, run.attempt, run.endedAt),
        jobId: null,
        url: null,
      }));
  return [...store.jobAttempts.values()]
    .filter((job) => job.projectId === projectId && job.jobName === jobName && job.conclusion === PASSED)
    .map(({ runId, attempt, endedAt, jobId, url }) => ({
      ...passedOf(store, projectId, runId, attempt, endedAt),
      jobId,
      url,
    }));
}

function passedOf(
  store: MemoryStore,
  projectId: string,
  runId: number,
  attempt: number,
  endedAt: Date | null,
): PassedAttempt {
  const run = store.runs.get(`${projectId}/${runId}`);
  return {
    runId,
    attempt,
    passedAt: endedAt ?? new Date(0),
    branch: run?.branch ?? null,
    workflowId: run?.workflowId ?? null,
    workflowName: run?.workflowName ?? null,
    headRepository: run?.headRepository ?? null,
  };
}
