import {
  ExternalFailure,
  type CiJob,
  type CiProvider,
  type DeliveryRepository,
  type FailedJob,
  type FailedRun,
  type Log,
} from '@app/domain';
import type { DispatchWork } from './dispatch-work.js';

const FAILED_CONCLUSIONS = new Set(['failure', 'timed_out', 'startup_failure']);

/** Lists the jobs of a failed run and opens an incident for each failed one. */
export class ExpandRun {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly ci: CiProvider,
    private readonly dispatch: DispatchWork,
    private readonly log: Log,
  ) {}

  /**
   * Does nothing for a delivery that is not pending. When the jobs can't be listed for good, or none failed, the run
   * itself becomes the incident: the failure is reported either way.
   * @throws ExternalFailure that a retry can help, unless this is the last attempt
   */
  async run(deliveryId: string, { isLastAttempt }: { isLastAttempt: boolean }): Promise<void> {
    const delivery = await this.deliveries.find(deliveryId);
    if (!delivery || delivery.status !== 'pending' || delivery.meaning.kind !== 'failed_run') return;
    const { run } = delivery.meaning;

    let failed: FailedJob[] = [];
    let note: string | null = null;
    try {
      const jobs = await this.ci.listJobs(run.repository, run.runId, run.attempt);
      failed = jobs
        .filter(({ conclusion }) => FAILED_CONCLUSIONS.has(conclusion ?? ''))
        .map((job) => failedJobOf(run, job));
      if (failed.length === 0) note = 'The run failed without a failed job.';
    } catch (error) {
      if (!(error instanceof ExternalFailure) || (error.retryable && !isLastAttempt)) throw error;
      note = `The run's jobs could not be listed: ${error.message}`;
      this.log.warn({ deliveryId, runId: run.runId, code: error.code }, 'run_expansion_failed');
    }
    const opened = await this.deliveries.expand(
      deliveryId,
      failed.length > 0 ? failed : [runItself(run)],
      'processed',
      note,
    );
    await this.dispatch.incidents(opened.filter((incident) => incident.outcome !== 'known'));
    this.log.info({ deliveryId, runId: run.runId, failedJobs: failed.length }, 'run_expanded');
  }
}

function failedJobOf(run: FailedRun, job: CiJob): FailedJob {
  return {
    ...runItself(run),
    jobName: job.name,
    attempt: job.attempt,
    jobId: job.id,
    conclusion: job.conclusion ?? 'failure',
    failedStep: job.steps.find(({ conclusion }) => FAILED_CONCLUSIONS.has(conclusion ?? ''))?.name ?? null,
    failedAt: job.completedAt ?? run.failedAt,
    url: job.url ?? run.url,
  };
}

/** A run that failed without a job of its own: an invalid workflow file, or jobs nobody may list. */
function runItself(run: FailedRun): FailedJob {
  return { ...run, source: 'github', jobName: '', jobId: null, failedStep: null };
}
