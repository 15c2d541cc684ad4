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
  /** Changed files that are looked at, by path: the jobs of a run choose among the same, so that one call serves all. */
  readonly maxLookedAt: number;
  /** Larger files are left out: half a file can't be edited. */
  readonly maxFileChars: number;
  readonly maxTotalChars: number;
  /** For all of it; what is there by then is what is used. */
  readonly deadlineMs: number;
}

/** A prompt shows some ten thousand words; what is beyond would only be carried about. */
const LIMITS: FileLimits = {
  maxFiles: 12,
  maxLookedAt: 60,
  maxFileChars: 64_000,
  maxTotalChars: 256_000,
  deadlineMs: 10_000,
};

export interface GatheredFiles {
  readonly files: readonly RepositoryFile[];
  /** Why there are fewer than there should be; null when nothing went wrong. */
  readonly missing: string | null;
}

/** What there is to choose from. */
interface Known {
  /** Its path. */
  readonly workflow: string | null;
  /** Paths of text files that the commit changed. */
  readonly changed: readonly string[];
  readonly texts: ReadonlyMap<string, string>;
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
    const problems: string[] = [];
    let known: Known = { workflow: null, changed: [], texts: new Map() };
    await this.withinDeadline(incident, problems, signal, async () => {
      known = await this.read(incident, problems);
    });
    const files = this.fitting(known, report);
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
    const paths = [...new Set(edits.map(({ path }) => path))].toSorted();
    await this.withinDeadline(incident, problems, signal, async () => {
      const texts = await this.ci.findFiles(repository, paths, headSha, { sparingly: true });
      for (const [path, text] of texts) files.push({ path, role: 'changed', text: redactText(text).text });
    });
    if (problems.length > 0) {
      this.log.warn({ incidentId: incident.id, missing: problems.join(' ') }, 'edits_not_verified');
      return null;
    }
    return edits.every((edit) => matchesOnePlace(edit, files));
  }

  private async read(incident: Incident, problems: string[]): Promise<Known> {
    const { repository, runId, latestAttempt } = incident;
    const run = await this.ci.getRun(repository, runId, latestAttempt);
    const sha = incident.headSha ?? run.headSha;
    const workflow = workflowPath(run.workflowPath);
    const changed = await this.ci.listChangedFiles(repository, sha).catch((error: unknown) => {
      problems.push(described(error));
      return [];
    });
    const paths = changed.filter(isText).flatMap(({ path }) => (path === workflow ? [] : path));
    const lookedAt = paths.toSorted(byName).slice(0, this.limits.maxLookedAt);
    const wanted = [...(workflow === null ? [] : [workflow]), ...lookedAt];
    return { workflow, changed: lookedAt, texts: await this.ci.findFiles(repository, wanted, sha) };
  }

  /** The same files for the same evidence, whoever asked first. */
  private fitting({ workflow, changed, texts }: Known, report: LogReport): readonly RepositoryFile[] {
    const { maxFiles, maxFileChars, maxTotalChars } = this.limits;
    const there = changed.filter((path) => texts.has(path));
    const chosen = [
      ...(workflow !== null && texts.has(workflow) ? [workflow] : []),
      ...byEvidence(there, report).slice(0, maxFiles - 1),
    ];
    let total = 0;
    return chosen.flatMap((path) => {
      const { text } = redactText(texts.get(path)!);
      if (text.length > maxFileChars || total + text.length > maxTotalChars) return [];
      total += text.length;
      return [{ path, role: path === workflow ? ('workflow' as const) : ('changed' as const), text }];
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

/** Those that findings name first, then those that the evidence names. */
function byEvidence(paths: readonly string[], { findings, evidence }: LogReport): string[] {
  const named = findings.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const texts = evidence.map(({ text }) => text).join('\n');
  const rank = (path: string): number => {
    if (named.some((file) => file === path || file.endsWith(`/${path}`) || path.endsWith(`/${file}`)))
      return 0;
    if (texts.includes(path)) return 1;
    const name = path.slice(path.lastIndexOf('/') + 1);
    return texts.includes(name) ? 2 : 3;
  };
  return paths.toSorted((a, b) => rank(a) - rank(b) || byName(a, b));
}

function isText({ status, patch }: CiChangedFile): boolean {
  return status !== 'removed' && patch !== null;
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en');
}

function described(error: unknown): string {
  if (error instanceof ExternalFailure) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
