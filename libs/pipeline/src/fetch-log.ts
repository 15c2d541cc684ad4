import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ExternalFailure, type CiProvider, type Incident, type Log, type RawLog } from '@app/domain';
import type { JobAnnotations } from './job-annotations.js';

/** A log to analyse, which can be read more than once. */
export interface FetchedLog {
  readonly content: () => AsyncIterable<Uint8Array>;
  /** `annotations`: there is no log; what was noted on the job stands in its place. */
  readonly source: 'job' | 'archive' | 'annotations';
  readonly truncated: boolean;
  readonly redactions: number;
}

/** Another way to the log may be open where these are answered. */
const CLOSED_WAYS = new Set(['github_log_gone', 'github_log_refused', 'github_forbidden']);

/**
 * The log of an incident's latest attempt: the job's own; where that is gone or refused, the one in the archive of its run;
 * where that is gone too, what the CI system noted on the job.
 */
export class FetchLog {
  constructor(
    private readonly ci: CiProvider,
    private readonly annotations: JobAnnotations,
    private readonly log: Log,
  ) {}

  /** @throws ExternalFailure: what kept the log, when there is nothing in its place; `signal`'s reason */
  async run(incident: Incident, jobId: number, signal?: AbortSignal): Promise<FetchedLog> {
    const { repository, runId, latestAttempt: attempt, jobName: name } = incident;
    const own = await orClosed(this.ci.getJobLog(repository, jobId, signal));
    if (!(own instanceof ExternalFailure)) return fetched(own, 'job', incident);

    const archived = await orClosed(
      this.ci.getArchivedLog(repository, { id: jobId, runId, attempt, name }, signal),
    );
    const note = { incidentId: incident.id, jobId, reason: own.code };
    if (!(archived instanceof ExternalFailure)) {
      this.log.info(note, 'job_log_from_archive');
      return fetched(archived, 'archive', incident);
    }
    const lines = await this.annotations.linesOf(incident);
    if (lines === '') throw archived.code === 'github_log_refused' ? archived : own;
    this.log.info({ ...note, archive: archived.code }, 'job_log_from_annotations');
    return annotationsAsLog(incident, lines);
  }
}

const NO_LOG = '[devflowfix] GitHub has no log of this job; this is what it noted on the job.';

/** What stands in the place of a log that there is none of. @param lines lines of a log */
export function annotationsAsLog({ lastFailedAt }: Incident, lines: string): FetchedLog {
  const bytes = Buffer.from(`${lastFailedAt.toISOString()} ${NO_LOG}\n${lines}`);
  const content = () => Readable.from([bytes]) as AsyncIterable<Uint8Array>;
  return { content, source: 'annotations', truncated: true, redactions: 0 };
}

async function orClosed(reading: Promise<RawLog>): Promise<RawLog | ExternalFailure> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ExternalFailure && CLOSED_WAYS.has(error.code)) return error;
    throw error;
  }
}

function fetched(raw: RawLog, source: FetchedLog['source'], { id }: Incident): FetchedLog {
  const { truncated, redactions } = raw;
  return { content: () => gunzip(raw.gzip, id), source, truncated, redactions };
}

async function* gunzip(gzip: Uint8Array, incidentId: string): AsyncGenerator<Uint8Array> {
  try {
    yield* Readable.from([gzip]).pipe(createGunzip()) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new ExternalFailure(`The log of incident ${incidentId} can't be decompressed.`, {
      code: 'log_corrupt',
      retryable: false,
      cause: error,
    });
  }
}
