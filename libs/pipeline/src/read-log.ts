import {
  UnreadableLog,
  type CiProvider,
  type DeliveryRepository,
  type Incident,
  type JobBaselines,
  type Log,
  type LogArchive,
  type LogReport,
} from '@app/domain';
import { analyzeAndArchive, type AnalyzedLog } from './analyze-and-archive.js';
import { annotationsAsLog, FetchLog, type FetchedLog } from './fetch-log.js';
import { JobAnnotations } from './job-annotations.js';
import { JobBackground } from './job-background.js';

const LINE_FEED = 0x0a;

/** What a log is read with. */
export interface LogReading {
  readonly fetch: FetchLog;
  readonly annotations: JobAnnotations;
  readonly background: JobBackground;
  readonly maxArchivedChars: number;
}

export function logReading(
  ci: CiProvider,
  baselines: JobBaselines,
  log: Log,
  maxArchivedChars: number,
): LogReading {
  const annotations = new JobAnnotations(ci, log);
  const fetch = new FetchLog(ci, annotations, log);
  return { fetch, annotations, background: new JobBackground(ci, baselines, log), maxArchivedChars };
}

/**
 * The log report of an incident's latest attempt. One that is already archived is answered as it is, so a resumed
 * diagnosis neither downloads nor analyses again.
 */
export class ReadLog {
  constructor(
    private readonly archive: LogArchive,
    private readonly deliveries: DeliveryRepository,
    private readonly reading: LogReading,
  ) {}

  /** @throws ExternalFailure of the provider, UnreadableLog for a log that is empty, binary or missing */
  async run(incident: Incident, signal?: AbortSignal): Promise<LogReport> {
    const archived = await this.archive.find(incident.id, incident.latestAttempt);
    if (archived) return archived.report;
    if (incident.latestJobId === null) {
      throw missingLog(incident, await this.deliveries.findNote(incident.id));
    }

    const fetched = await this.reading.fetch.run(incident, incident.latestJobId, signal);
    const analyzed = await this.analyze(incident, fetched, signal).catch((error: unknown) =>
      this.instead(incident, error, signal),
    );
    const report = { ...analyzed.report, redactions: analyzed.report.redactions + fetched.redactions };
    const truncated = analyzed.truncated || fetched.truncated;
    const { id: incidentId, latestAttempt: attempt } = incident;
    await this.archive.save({ ...analyzed, incidentId, attempt, report, truncated });
    return report;
  }

  /** A runner that dies early leaves an empty log. @throws `error` when nothing was noted on the job either */
  private async instead(incident: Incident, error: unknown, signal?: AbortSignal): Promise<AnalyzedLog> {
    if (!(error instanceof UnreadableLog)) throw error;
    const lines = await this.reading.annotations.linesOf(incident);
    if (lines === '') throw error;
    return this.analyze(incident, annotationsAsLog(incident, lines), signal);
  }

  /** A log that doesn't say why is read again together with what was noted on the job beside it. */
  private async analyze(
    incident: Incident,
    { content, source }: FetchedLog,
    signal?: AbortSignal,
  ): Promise<AnalyzedLog> {
    const { maxArchivedChars, background, annotations } = this.reading;
    const { failedStep } = incident;
    if (source === 'annotations') {
      return analyzeAndArchive(content(), { maxArchivedChars, failedStep, signal });
    }
    const { steps, baseline } = await background.of(incident, signal);
    const options = { maxArchivedChars, failedStep, baseline, signal };
    const analyzed = await analyzeAndArchive(content(), { ...options, steps });
    if (!isUnclear(analyzed.report)) return analyzed;
    const noted = await annotations.linesBeside(incident, analyzed.report);
    // Without the steps' times: what was noted belongs to none of them, and would be looked past.
    return noted === '' ? analyzed : analyzeAndArchive(followed(content(), noted), options);
  }
}

/** No cause that a rule names, only what the step leads to think; or one that says no more than that somebody ended the job. */
function isUnclear({ primary, verdict }: LogReport): boolean {
  return primary === null || verdict.subcategory === null || verdict.subcategory === 'job_cancelled';
}

async function* followed(log: AsyncIterable<Uint8Array>, lines: string): AsyncIterable<Uint8Array> {
  let last = LINE_FEED;
  for await (const chunk of log) {
    last = chunk.at(-1) ?? last;
    yield chunk;
  }
  yield Buffer.from(`${last === LINE_FEED ? '' : '\n'}${lines}`);
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
