import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  ExternalFailure,
  UnreadableLog,
  type CiProvider,
  type DeliveryRepository,
  type Incident,
  type LogArchive,
  type LogReport,
} from '@app/domain';
import { analyzeAndArchive } from './analyze-and-archive.js';
import type { JobBackground } from './job-background.js';

/**
 * The log report of an incident's latest attempt. One that is already archived is answered as it is, so a resumed
 * diagnosis neither downloads nor analyses again.
 */
export class ReadLog {
  constructor(
    private readonly ci: CiProvider,
    private readonly archive: LogArchive,
    private readonly deliveries: DeliveryRepository,
    private readonly background: JobBackground,
    private readonly maxArchivedChars: number,
  ) {}

  /** @throws ExternalFailure of the provider, UnreadableLog for a log that is empty, binary or missing */
  async run(incident: Incident, signal?: AbortSignal): Promise<LogReport> {
    const archived = await this.archive.find(incident.id, incident.latestAttempt);
    if (archived) return archived.report;
    if (incident.latestJobId === null) {
      throw missingLog(incident, await this.deliveries.findNote(incident.id));
    }

    const raw = await this.ci.getJobLog(incident.repository, incident.latestJobId, signal);
    const { steps, baseline } = await this.background.of(incident, signal);
    const analyzed = await analyzeAndArchive(gunzip(raw.gzip, incident.id), {
      maxArchivedChars: this.maxArchivedChars,
      failedStep: incident.failedStep,
      steps,
      baseline,
      signal,
    });
    const report = { ...analyzed.report, redactions: analyzed.report.redactions + raw.redactions };
    const truncated = analyzed.truncated || raw.truncated;
    const { id: incidentId, latestAttempt: attempt } = incident;
    await this.archive.save({ ...analyzed, incidentId, attempt, report, truncated });
    return report;
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

/** @param note what kept the run's jobs from being known, as its delivery says */
function missingLog(incident: Incident, note: string | null): UnreadableLog {
  if (incident.source === 'manual') {
    return new UnreadableLog(
      `The log of incident ${incident.id} was not stored completely; hand it in again.`,
    );
  }
  const known = note ?? 'It failed without a job whose log could be read.';
  return new UnreadableLog(
    `Run ${incident.runId} has no log to read. ${known} The workflow file may be invalid, or the product may not see the run's jobs (check that its GitHub token may read actions).`,
  );
}
