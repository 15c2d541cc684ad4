import {
  ExternalFailure,
  isOwnWork,
  type CiJob,
  type CiProvider,
  type CiRun,
  type DeliveryRepository,
  type FailedJob,
  type FailedRun,
  type JobReport,
  type Log,
  type RepositoryRef,
  type RunFacts,
  type RunReport,
  type StoredDelivery,
} from '@app/domain';
import type { AnnounceChanges } from './announce-changes.js';
import type { DispatchWork } from './dispatch-work.js';

export const FAILED_CONCLUSIONS = new Set(['failure', 'timed_out', 'startup_failure']);
/** Each round learns a few runs; an incident whose branch has more passing runs than that is settled by a later one. */
const MAX_ROUNDS = 10;

/**
 * Asks the CI system what a delivery left open: the jobs of a failed run, each of which opens an incident, and whatever
 * must be known to tell an incident repaired (where a passing run comes from, whether the job really ran in it).
 */
export class ExpandRun {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly ci: CiProvider,
    private readonly dispatch: DispatchWork,
    private readonly announce: AnnounceChanges,
    private readonly log: Log,
  ) {}

  /**
   * Does nothing for a delivery that is not pending. When a failed run's jobs can't be listed for good, or none failed,
   * the run itself becomes the incident: the failure is reported either way.
   * @throws ExternalFailure that a retry can help, unless this is the last attempt
   */
  async run(deliveryId: string, { isLastAttempt }: { isLastAttempt: boolean }): Promise<void> {
    const delivery = await this.deliveries.find(deliveryId);
    if (!delivery || delivery.status !== 'pending') return;
    const { meaning } = delivery;
    if (meaning.kind === 'failed_run') await this.listFailedJobs(delivery, meaning.run, isLastAttempt);
    if (!delivery.repository) return this.deliveries.close(deliveryId, 'processed', null);

    let note: string | null = null;
    try {
      await this.learnWanted(deliveryId, delivery.repository);
    } catch (error) {
      if (!isFinal(error, isLastAttempt)) throw error;
      note = `Whether a later run proves the repair is not known: ${error.message}`;
      this.log.warn({ deliveryId, code: error.code }, 'run_lookup_failed');
    }
    await this.deliveries.close(deliveryId, 'processed', note);
  }

  private async listFailedJobs(
    { id }: StoredDelivery,
    run: FailedRun,
    isLastAttempt: boolean,
  ): Promise<void> {
    let failed: FailedJob[] = [];
    let note: string | null = null;
    try {
      const jobs = await this.ci.listJobs(run.repository, run.runId, run.attempt);
      // A rerun of some jobs lists the others as they ended before.
      const ran = jobs.filter(
        ({ completedAt }) => !run.startedAt || !completedAt || completedAt >= run.startedAt,
      );
      failed = ran
        .filter(({ conclusion }) => FAILED_CONCLUSIONS.has(conclusion ?? ''))
        .map((job) => failedJobOf(run, job));
      if (failed.length === 0) note = 'The run failed without a failed job.';
      await this.learn({
        runs: [],
        jobs: ran
          .filter(({ conclusion }) => !FAILED_CONCLUSIONS.has(conclusion ?? ''))
          .flatMap(reportOf(run)),
        listed: [{ repository: run.repository, runId: run.runId, attempt: run.attempt }],
      });
    } catch (error) {
      if (!isFinal(error, isLastAttempt)) throw error;
      note = `The run's jobs could not be listed: ${error.message}`;
      this.log.warn({ deliveryId: id, runId: run.runId, code: error.code }, 'run_expansion_failed');
    }
    const opened = await this.deliveries.expand(
      id,
      failed.length > 0 ? failed : [runItself(run)],
      'processed',
      note,
    );
    this.announce.opened(opened);
    await this.dispatch.incidents(opened.filter((incident) => incident.outcome !== 'known'));
    this.log.info({ deliveryId: id, runId: run.runId, failedJobs: failed.length }, 'run_expanded');
  }

  private async learnWanted(deliveryId: string, repository: RepositoryRef): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const wanted = await this.deliveries.wanted(deliveryId);
      if (wanted.length === 0) return;
      for (const { runId, attempt } of wanted) {
        const told = reportOfRun(repository, await this.ci.getRun(repository, runId, attempt ?? undefined));
        // A deleted fork's name is gone; it is nobody else's repository either.
        const run = { ...told, headRepository: told.headRepository ?? `gone/${runId}` };
        if (attempt === null) {
          await this.learn({ runs: [run], jobs: [], listed: [] });
          continue;
        }
        const jobs = await this.ci.listJobs(repository, runId, attempt);
        const listed = [{ repository, runId, attempt }];
        await this.learn({ runs: [run], jobs: jobs.flatMap(reportOf(run)), listed });
      }
    }
  }

  private async learn(facts: RunFacts): Promise<void> {
    this.announce.resolved(await this.deliveries.learn(facts));
  }
}

/** Whether no retry follows or can help. */
function isFinal(error: unknown, isLastAttempt: boolean): error is ExternalFailure {
  return error instanceof ExternalFailure && (!error.retryable || isLastAttempt);
}

function failedJobOf(run: FailedRun, job: CiJob): FailedJob {
  return ended(runItself(run), job);
}

/** `told` with what a listed job says of its end. */
export function ended(told: FailedJob, job: CiJob): FailedJob {
  return {
    ...told,
    jobName: job.name,
    attempt: job.attempt,
    jobId: job.id,
    conclusion: job.conclusion ?? 'failure',
    failedStep: job.steps.find(({ conclusion }) => FAILED_CONCLUSIONS.has(conclusion ?? ''))?.name ?? null,
    failedAt: job.completedAt ?? told.failedAt,
    url: job.url ?? told.url,
  };
}

/** A run that failed without a job of its own: an invalid workflow file, or jobs nobody may list. */
function runItself(run: FailedRun): FailedJob {
  return { ...run, source: 'github', jobName: '', jobId: null, failedStep: null };
}

/** The run as the CI system describes it now. */
export function reportOfRun(repository: RepositoryRef, run: CiRun): RunReport {
  const { id, attempt, workflowId, workflowName, event, headSha, branch, headRepository, pullRequests } = run;
  const { commitMessage, commitAuthor, conclusion, status, updatedAt } = run;
  return {
    repository,
    attempt,
    workflowId,
    workflowName,
    headSha,
    branch,
    headRepository,
    pullRequests,
    runId: id,
    trigger: event,
    ownWork: isOwnWork({ branch, commitMessage, commitAuthor }),
    conclusion: status === 'completed' ? conclusion : null,
    endedAt: status === 'completed' ? updatedAt : null,
  };
}

/** A listed job as a fact; nothing for one that goes on. */
export function reportOf(
  run: Omit<JobReport, 'jobName' | 'jobId' | 'conclusion' | 'endedAt' | 'url'>,
): (job: CiJob) => JobReport[] {
  const { repository, runId, attempt, workflowId, workflowName, headSha, branch } = run;
  return ({ name, id, conclusion, completedAt, url }) =>
    conclusion === null || completedAt === null
      ? []
      : [
          {
            repository,
            runId,
            attempt,
            workflowId,
            workflowName,
            headSha,
            branch,
            conclusion,
            url,
            jobName: name,
            jobId: id,
            endedAt: completedAt,
          },
        ];
}
