import type { CiJob, CiProvider, CiStep, Incident, JobBaselines, Log, LogBaseline } from '@app/domain';

/** Of a run's failed jobs, so many may have a green log fetched: a run with 20 of them has ten calls beside the logs. */
const MAX_NEW_BASELINES = 1;
const FAILED = new Set(['failure', 'timed_out', 'cancelled']);

/** What the CI system knows beside a failed job's log. */
export interface KnownOfJob {
  readonly steps: readonly CiStep[] | undefined;
  readonly baseline: LogBaseline | undefined;
}

const NOTHING: KnownOfJob = { steps: undefined, baseline: undefined };

/**
 * The steps of a failed job with their times, and what its green runs print. Both make a diagnosis better and neither
 * is needed: what can't be had is left out.
 */
export class JobBackground {
  constructor(
    private readonly ci: CiProvider,
    private readonly baselines: JobBaselines,
    private readonly log: Log,
  ) {}

  /** @throws only `signal`'s reason */
  async of(incident: Incident, signal?: AbortSignal): Promise<KnownOfJob> {
    if (incident.source !== 'github' || incident.latestJobId === null) return NOTHING;
    const jobs = await this.jobs(incident, signal);
    const job = jobs.find(({ id }) => id === incident.latestJobId);
    const baseline = await this.baseline(incident, isAmongFirst(jobs, incident.latestJobId), signal);
    return { steps: job?.steps, baseline: baseline ?? undefined };
  }

  private async jobs(incident: Incident, signal?: AbortSignal): Promise<readonly CiJob[]> {
    try {
      return await this.ci.listJobs(incident.repository, incident.runId, incident.latestAttempt);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      this.log.warn({ incidentId: incident.id, runId: incident.runId, reason }, 'job_steps_unknown');
      return [];
    }
  }

  private async baseline(
    incident: Incident,
    mayAsk: boolean,
    signal?: AbortSignal,
  ): Promise<LogBaseline | null> {
    const { repository, workflowId, branch, jobName, headSha } = incident;
    if (workflowId === null || branch === null || jobName === '') return null;
    return this.baselines.find({ repository, workflowId, branch, jobName, headSha }, mayAsk, signal);
  }
}

function isAmongFirst(jobs: readonly CiJob[], jobId: number): boolean {
  const failed = jobs.filter(({ conclusion }) => FAILED.has(conclusion ?? '')).map(({ id }) => id);
  return failed
    .toSorted((a, b) => a - b)
    .slice(0, MAX_NEW_BASELINES)
    .includes(jobId);
}
