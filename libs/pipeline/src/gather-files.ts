import {
  ExternalFailure,
  matchesOnePlace,
  type CiChangedFile,
  type CiProvider,
  type CodeEdit,
  type Incident,
  type Log,
  type LogReport,
  type RepositoryFile,
} from '@app/domain';
import { redactText } from '@app/log-analysis';

export interface FileLimits {
  /** The workflow file among them. */
  readonly maxFiles: number;
  /** Larger files are left out: half a file can't be edited. */
  readonly maxFileChars: number;
  readonly maxTotalChars: number;
  /** For all of it; what is there by then is what is used. */
  readonly deadlineMs: number;
}

/** A prompt shows some ten thousand words; what is beyond would only be carried about. */
const LIMITS: FileLimits = {
  maxFiles: 12,
  maxFileChars: 64_000,
  maxTotalChars: 256_000,
  deadlineMs: 5_000,
};

export interface GatheredFiles {
  readonly files: readonly RepositoryFile[];
  /** Why there are fewer than there should be; null when nothing went wrong. */
  readonly missing: string | null;
}

/** What was asked for so far, the workflow first, and what came. */
interface FilesRead {
  readonly wanted: string[];
  readonly files: Map<string, RepositoryFile>;
}

const NOTHING: GatheredFiles = { files: [], missing: null };

/**
 * The workflow file and the files that the failing commit changed, as they stand at that commit, redacted: those first
 * that the evidence names. An aid: without GitHub's answer a diagnosis goes on without files, and says so.
 */
export class GatherFiles {
  constructor(
    private readonly ci: CiProvider,
    private readonly log: Log,
    private readonly limits: FileLimits = LIMITS,
  ) {}

  async run(incident: Incident, report: LogReport, signal?: AbortSignal): Promise<GatheredFiles> {
    if (incident.source !== 'github') return NOTHING;
    const read: FilesRead = { wanted: [], files: new Map() };
    const problems: string[] = [];
    await this.withinDeadline(incident, problems, signal, () => this.read(incident, report, read, problems));
    const files = this.fitting(read);
    const missing = problems.length === 0 ? null : [...new Set(problems)].join(' ');
    if (missing !== null) {
      this.log.warn(
        { incidentId: incident.id, files: files.length, missing },
        'repository_files_unavailable',
      );
    }
    return { files, missing };
  }

  /**
   * Whether edits that were made for another commit stand in this incident's: each at one place of its file.
   * Null when that can't be found out.
   */
  async stillMatch(
    incident: Incident,
    edits: readonly CodeEdit[],
    signal?: AbortSignal,
  ): Promise<boolean | null> {
    const { repository, headSha, source } = incident;
    if (edits.length === 0) return true;
    if (source !== 'github' || headSha === null) return null;
    const problems: string[] = [];
    const files: RepositoryFile[] = [];
    await this.withinDeadline(incident, problems, signal, async () => {
      for (const path of new Set(edits.map((edit) => edit.path))) {
        const text = await this.ci.findFile(repository, path, headSha);
        if (text !== null) files.push({ path, role: 'changed', text: redactText(text).text });
      }
    });
    if (problems.length > 0) {
      this.log.warn({ incidentId: incident.id, missing: problems.join(' ') }, 'edits_not_verified');
      return null;
    }
    return edits.every((edit) => matchesOnePlace(edit, files));
  }

  private async read(
    incident: Incident,
    report: LogReport,
    read: FilesRead,
    problems: string[],
  ): Promise<void> {
    const { repository, runId, latestAttempt } = incident;
    const run = await this.ci.getRun(repository, runId, latestAttempt);
    const sha = incident.headSha ?? run.headSha;
    const take = async (path: string, role: RepositoryFile['role']) => {
      read.wanted.push(path);
      try {
        const text = await this.ci.findFile(repository, path, sha);
        if (text !== null) read.files.set(path, { path, role, text: redactText(text).text });
      } catch (error) {
        problems.push(described(error));
      }
    };
    const workflow = workflowPath(run.workflowPath);
    const [changed] = await Promise.all([
      this.ci.listChangedFiles(repository, sha),
      workflow === null ? undefined : take(workflow, 'workflow'),
    ]);
    const paths = byEvidence(changed, report).filter((path) => path !== workflow);
    await Promise.all(paths.slice(0, this.limits.maxFiles - 1).map((path) => take(path, 'changed')));
  }

  /** In the order they were wanted in, whoever answered first: the same files give the same prompt. */
  private fitting({ wanted, files }: FilesRead): readonly RepositoryFile[] {
    const { maxFileChars, maxTotalChars } = this.limits;
    let total = 0;
    return wanted.flatMap((path) => {
      const file = files.get(path);
      if (file === undefined || file.text.length > maxFileChars) return [];
      if (total + file.text.length > maxTotalChars) return [];
      total += file.text.length;
      return [file];
    });
  }

  /** What fails or takes too long is a problem that is noted, and no error. */
  private async withinDeadline(
    incident: Incident,
    problems: string[],
    signal: AbortSignal | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    signal?.throwIfAborted();
    const { deadlineMs } = this.limits;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), deadlineMs);
    const ended = signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]);
    const left = new Promise<void>((resolve) => {
      ended.addEventListener('abort', () => resolve(), { once: true });
    });
    let isDone = false;
    const working = work().then(
      () => void (isDone = true),
      (error: unknown) => {
        isDone = true;
        problems.push(described(error));
      },
    );
    await Promise.race([working, left]);
    clearTimeout(timer);
    signal?.throwIfAborted();
    if (!isDone) {
      problems.push(`GitHub didn't give the files of run ${incident.runId} within ${deadlineMs} ms.`);
    }
  }
}

/** GitHub names it with the ref for reusable workflows: `.github/workflows/ci.yml@refs/heads/main`. */
function workflowPath(path: string | null): string | null {
  const file = path?.split('@')[0] ?? '';
  return file === '' ? null : file;
}

/** The changed text files, those that findings name first, then those that the evidence names. */
function byEvidence(changed: readonly CiChangedFile[], { findings, evidence }: LogReport): string[] {
  const named = findings.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const texts = evidence.map(({ text }) => text).join('\n');
  const rank = ({ path }: CiChangedFile): number => {
    if (named.some((file) => file === path || file.endsWith(`/${path}`) || path.endsWith(`/${file}`)))
      return 0;
    if (texts.includes(path)) return 1;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return texts.includes(name) ? 2 : 3;
  };
  return changed
    .filter(({ status, patch }) => status !== 'removed' && patch !== null)
    .toSorted((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path))
    .map(({ path }) => path);
}

function described(error: unknown): string {
  if (error instanceof ExternalFailure) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
