import type { Clock, FailedJob, IncidentRepository, LogArchive, RepositoryRef } from '@app/domain';
import { analyzeAndArchive } from './analyze-and-archive.js';
import type { AnnounceChanges } from './announce-changes.js';
import type { DispatchWork } from './dispatch-work.js';

export interface SubmittedLog {
  readonly repository: RepositoryRef;
  readonly jobName: string;
  readonly workflowName: string | null;
  readonly branch: string | null;
  readonly content: AsyncIterable<Uint8Array> | Uint8Array;
}

/** Opens an incident for a log that a person hands in. */
export class SubmitLog {
  constructor(
    private readonly stores: { readonly incidents: IncidentRepository; readonly archive: LogArchive },
    private readonly dispatch: DispatchWork,
    private readonly announce: AnnounceChanges,
    private readonly clock: Clock,
    private readonly maxArchivedChars: number,
  ) {}

  /**
   * Resolves with the incident's id once incident and log are stored.
   * @throws UnreadableLog for an empty or binary log; nothing is stored then
   */
  async run(submitted: SubmittedLog): Promise<string> {
    const analyzed = await analyzeAndArchive(submitted.content, {
      maxArchivedChars: this.maxArchivedChars,
      failedStep: null,
    });
    const now = this.clock.now();
    const job: FailedJob = {
      source: 'manual',
      repository: submitted.repository,
      runId: manualRunId(now),
      jobName: submitted.jobName,
      attempt: 1,
      jobId: null,
      workflowId: null,
      workflowName: submitted.workflowName,
      conclusion: 'failure',
      headSha: null,
      branch: submitted.branch,
      pullRequests: [],
      failedStep: null,
      failedAt: now,
      url: null,
    };
    const [opened] = await this.stores.incidents.open([job]);
    this.announce.opened([opened!]);
    await this.stores.archive.save({ incidentId: opened!.incidentId, attempt: 1, ...analyzed });
    await this.dispatch.incidents([opened!]);
    return opened!.incidentId;
  }
}

/** Hand-made run ids count in microseconds, far above any that GitHub gives; the random part keeps two apart. */
function manualRunId(now: Date): number {
  return now.getTime() * 1_000 + Math.floor(Math.random() * 1_000);
}
