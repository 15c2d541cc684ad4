import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  ExternalFailure,
  UnreadableLog,
  type CiProvider,
  type Incident,
  type LogArchive,
  type LogReport,
} from '@app/domain';
import { analyzeAndArchive } from './analyze-and-archive.js';

/**
 * The log report of an incident's latest attempt. One that is already archived is answered as it is, so a resumed
 * diagnosis neither downloads nor analyses again.
 */
export class ReadLog {
  constructor(
    private readonly ci: CiProvider,
    private readonly archive: LogArchive,
    private readonly maxArchivedChars: number,
  ) {}

  /** @throws ExternalFailure of the provider, UnreadableLog for a log that is empty, binary or missing */
  async run(incident: Incident, signal?: AbortSignal): Promise<LogReport> {
    const archived = await this.archive.find(incident.id, incident.latestAttempt);
    if (archived) return archived.report;
    if (incident.latestJobId === null) throw missingLog(incident);

    const raw = await this.ci.getJobLog(incident.repository, incident.latestJobId, signal);
    const analyzed = await analyzeAndArchive(gunzip(raw.gzip, incident.id), {
      maxArchivedChars: this.maxArchivedChars,
      failedStep: incident.failedStep,
      signal,
    });
    await this.archive.save({ incidentId: incident.id, attempt: incident.latestAttempt, ...analyzed });
    return analyzed.report;
  }
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

function missingLog(incident: Incident): UnreadableLog {
  return incident.source === 'manual'
    ? new UnreadableLog(`The log of incident ${incident.id} was not stored completely; hand it in again.`)
    : new UnreadableLog(
        `Run ${incident.runId} failed without a job whose log could be read: the workflow file may be invalid, or the product may not see the run's jobs (check that its GitHub token may read actions).`,
      );
}
