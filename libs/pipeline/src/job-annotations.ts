import {
  ExternalFailure,
  type CiAnnotation,
  type CiProvider,
  type Incident,
  type Log,
  type LogReport,
} from '@app/domain';

const FAILED = new Set(['failure', 'timed_out', 'cancelled', 'startup_failure']);
/** The one that every failed step leaves; it says nothing of why. */
const EXIT_CODE = /^Process completed with exit code -?\d+\.?$/;
/** The path of what belongs to the whole job. */
const OF_JOB = '.github';

/**
 * What the CI system noted on a failed job beside its log, as lines of a log. Where a runner dies, the log says nothing of
 * it or is never stored: “The runner has received a shutdown signal”, “lost communication with the server”, “exceeded the
 * maximum execution time”.
 */
export class JobAnnotations {
  constructor(
    private readonly ci: CiProvider,
    private readonly log: Log,
  ) {}

  /**
   * Empty where nothing tells more than that the job failed.
   * @throws ExternalFailure that a retry can help
   */
  async linesOf(incident: Incident): Promise<string> {
    const at = `${incident.lastFailedAt.toISOString()} `;
    const noted = (await this.failures(incident)).map(lineOf);
    return noted.some((message) => !EXIT_CODE.test(message))
      ? noted.map((message) => `${at}##[error]${message}\n`).join('')
      : '';
  }

  /** The same of what a log's report doesn't show already. An aid: without an answer it is empty. */
  async linesBeside(incident: Incident, report: LogReport): Promise<string> {
    try {
      const shown = [report.excerpt, ...report.evidence.map(({ text }) => text)].join('\n');
      const lines = (await this.linesOf(incident)).split('\n').slice(0, -1);
      const isNew = (line: string): boolean => {
        const message = line.slice(line.indexOf(']') + 1);
        return !EXIT_CODE.test(message) && !shown.includes(message);
      };
      return lines
        .filter(isNew)
        .map((line) => `${line}\n`)
        .join('');
    } catch (error) {
      if (!(error instanceof ExternalFailure)) throw error;
      this.log.warn({ incidentId: incident.id, code: error.code }, 'job_annotations_unavailable');
      return '';
    }
  }

  /** All failed jobs of the attempt are asked of at once: one call serves the run. */
  private async failures({ id, repository, runId, latestAttempt, latestJobId }: Incident) {
    try {
      const jobs = await this.ci.listJobs(repository, runId, latestAttempt);
      const failed = jobs
        .filter(({ conclusion }) => FAILED.has(conclusion ?? ''))
        .toSorted((a, b) => a.id - b.id);
      const annotations = await this.ci.listAnnotations(repository, failed);
      return (annotations.get(latestJobId ?? 0) ?? []).filter(({ level }) => level === 'failure');
    } catch (error) {
      if (!(error instanceof ExternalFailure) || error.retryable) throw error;
      this.log.warn({ incidentId: id, code: error.code }, 'job_annotations_unavailable');
      return [];
    }
  }
}

function lineOf({ path, startLine, title, message }: CiAnnotation): string {
  const place = path === OF_JOB || path === '' ? '' : `${path}:${startLine}: `;
  const head = title === null || title === '' || message.startsWith(title) ? '' : `${title}: `;
  return `${place}${head}${message.replaceAll(/\s*\r?\n\s*/g, ' ').trim()}`;
}
