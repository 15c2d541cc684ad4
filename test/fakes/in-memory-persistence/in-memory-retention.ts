import {
  FAILED_JOB_DAYS,
  ProjectNotFound,
  type Expiring,
  type Feedback,
  type IncidentStatus,
  type ProjectRetention,
  type Retention,
  type RetentionDays,
} from '@app/domain';
import { deleteIncidents, deletePattern } from './delete-rows.js';
import { TELLING_ENDS } from './in-memory-incident-analytics.js';
import { copy, type IncidentRow, type MemoryStore } from './store.js';

const DAY_MS = 86_400_000;
const NOT_READ: readonly IncidentStatus[] = ['received', 'diagnosing'];
const UNDER_WAY: readonly IncidentStatus[] = [
  ...NOT_READ,
  'awaiting_approval',
  'remediating',
  'verifying',
] as const;

export class InMemoryRetention implements Retention {
  constructor(private readonly store: MemoryStore) {}

  async forget(kind: Expiring, days: RetentionDays, limit: number): Promise<number> {
    const found = this.expired(kind, days).slice(0, limit);
    for (const remove of found) remove();
    return found.length;
  }

  async ofProject(projectId: string): Promise<ProjectRetention> {
    if (!this.store.projects.has(projectId)) throw new ProjectNotFound(projectId);
    return copy(this.store.retention.get(projectId) ?? { logDays: null, diagnosisDays: null });
  }

  async setForProject(projectId: string, retention: ProjectRetention): Promise<void> {
    if (!this.store.projects.has(projectId)) throw new ProjectNotFound(projectId);
    this.store.retention.set(projectId, copy(retention));
  }

  /** How to delete each that is expired. */
  private expired(kind: Expiring, days: RetentionDays): (() => void)[] {
    const { store } = this;
    const before = (kept: number) => new Date(store.clock.now().getTime() - kept * DAY_MS);
    const diagnosisEnd = (projectId: string) =>
      before(store.retention.get(projectId)?.diagnosisDays ?? days.diagnosisDays);
    switch (kind) {
      case 'logs':
        return [...store.logs].flatMap(([key, { incidentId, savedAt }]) => {
          const { projectId, status } = store.incidents.get(incidentId)!;
          const end = before(store.retention.get(projectId)?.logDays ?? days.logDays);
          return savedAt < end && !NOT_READ.includes(status) ? [() => void store.logs.delete(key)] : [];
        });
      case 'incidents':
        return [...store.incidents.values()]
          .filter((row) => isOver(row, diagnosisEnd) && !this.isShownElsewhere(row, diagnosisEnd))
          .map(
            ({ id }) =>
              () =>
                deleteIncidents(store, new Set([id])),
          );
      case 'patterns': {
        const isUsed = (id: string) =>
          [...store.incidents.values(), ...store.occurrences].some(({ patternId }) => patternId === id);
        return [...store.patterns.values()]
          .filter(({ id, projectId, lastSeenAt }) => lastSeenAt < diagnosisEnd(projectId) && !isUsed(id))
          .map(
            ({ id }) =>
              () =>
                deletePattern(store, id),
          );
      }
      case 'feedback': {
        const end = before(days.diagnosisDays);
        const isNobodys = ({ incidentId, patternId, givenAt }: Feedback) =>
          incidentId === null && patternId === null && givenAt < end;
        return store.feedback
          .filter(isNobodys)
          .map((given) => () => void store.feedback.splice(store.feedback.indexOf(given), 1));
      }
      case 'actions':
        return rows(
          store.actions,
          ({ incidentId, state, startedAt }) =>
            incidentId === null && state !== 'started' && startedAt < before(days.diagnosisDays),
        );
      case 'deliveries':
        return rows(
          store.deliveries,
          ({ status, delivery }) => status !== 'pending' && delivery.receivedAt < before(days.deliveryDays),
        );
      case 'runs':
        return [...store.runs]
          .filter(([, run]) => run.toldAt < before(days.deliveryDays) && !this.hasIncident(run))
          .map(
            ([key]) =>
              () =>
                this.forgetRun(key),
          );
      case 'run_days':
        return rows(store.runDays, ({ day }) => day < before(days.diagnosisDays));
      case 'pull_requests':
        return [...store.pulls]
          .filter(
            ([key, { changedAt, number }]) =>
              changedAt < before(days.deliveryDays) && !this.hasRun(projectOf(key), number),
          )
          .map(
            ([key]) =>
              () =>
                void store.pulls.delete(key),
          );
      case 'pull_heads':
        return [...store.pullHeads].flatMap(([key, numbers]) => {
          const [projectId, headSha] = [projectOf(key), key.slice(projectOf(key).length + 1)];
          const hasRun = [...store.runs.values()].some(
            (run) => run.projectId === projectId && run.headSha === headSha,
          );
          const gone = hasRun
            ? []
            : [...numbers].filter((number) => !store.pulls.has(`${projectId}/${number}`));
          return gone.map((number) => () => void numbers.delete(number));
        });
      case 'usage':
        return store.usage
          .filter(({ at }) => at < before(days.usageDays))
          .map((entry) => () => void store.usage.splice(store.usage.indexOf(entry), 1));
      case 'budget_use': {
        const month = before(days.usageDays).toISOString().slice(0, 7);
        return [...store.budgetUse.keys()]
          .filter((key) => key.split(' ').at(-1)! < month)
          .map((key) => () => void store.budgetUse.delete(key));
      }
      case 'action_use': {
        const month = before(days.usageDays).toISOString().slice(0, 7);
        return [...store.actionUse.keys()]
          .filter((key) => key.split(' ')[1]! < month)
          .map((key) => () => void store.actionUse.delete(key));
      }
      case 'webhook_secrets':
        return store.webhookSecrets
          .filter(({ expiresAt }) => expiresAt !== null && expiresAt < store.clock.now())
          .map((secret) => () => void store.webhookSecrets.splice(store.webhookSecrets.indexOf(secret), 1));
      case 'failed_jobs':
        return rows(store.failedJobs, ({ failedAt }) => failedAt < before(FAILED_JOB_DAYS));
    }
  }

  private isShownElsewhere(row: IncidentRow, end: (projectId: string) => Date): boolean {
    const { store } = this;
    return [...store.diagnoses.values()]
      .filter(({ incidentId }) => incidentId === row.id)
      .some(
        ({ id }) =>
          [...store.patterns.values()].some(
            ({ diagnosisId, projectId, lastSeenAt }) => diagnosisId === id && lastSeenAt >= end(projectId),
          ) ||
          [...store.incidents.values()].some(
            (other) => other.diagnosisId === id && other.id !== row.id && !isOver(other, end),
          ),
      );
  }

  private hasIncident({ projectId, runId }: { projectId: string; runId: number }): boolean {
    return [...this.store.incidents.values()].some(
      (row) => row.projectId === projectId && row.runId === runId,
    );
  }

  private hasRun(projectId: string, pull: number): boolean {
    return [...this.store.runs.values()].some(
      (run) =>
        run.projectId === projectId && this.store.pullHeads.get(`${projectId}/${run.headSha}`)?.has(pull),
    );
  }

  private forgetRun(key: string): void {
    const { runs, runAttempts, jobAttempts, runDays } = this.store;
    runs.delete(key);
    for (const job of jobAttempts.keys()) if (job.startsWith(`${key}/`)) jobAttempts.delete(job);
    for (const [name, { projectId, endedAt, conclusion }] of runAttempts) {
      if (!name.startsWith(`${key}/`)) continue;
      runAttempts.delete(name);
      if (endedAt === null || !TELLING_ENDS.includes(conclusion)) continue;
      const day = new Date(Math.floor(endedAt.getTime() / DAY_MS) * DAY_MS);
      const known = runDays.get(`${projectId}/${day.toISOString()}`) ?? {
        projectId,
        day,
        runs: 0,
        failed: 0,
      };
      known.runs += 1;
      if (conclusion !== 'success') known.failed += 1;
      runDays.set(`${projectId}/${day.toISOString()}`, known);
    }
  }
}

function isOver({ projectId, status, lastFailedAt }: IncidentRow, end: (projectId: string) => Date): boolean {
  return lastFailedAt < end(projectId) && !UNDER_WAY.includes(status);
}

function rows<T>(table: Map<string, T>, isOld: (row: T) => boolean): (() => void)[] {
  return [...table]
    .filter(([, row]) => isOld(row))
    .map(
      ([key]) =>
        () =>
          void table.delete(key),
    );
}

function projectOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}
