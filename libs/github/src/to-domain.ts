import type { z } from 'zod';
import type {
  CiAnnotation,
  CiChangedFile,
  CiCommit,
  CiComparison,
  CiJob,
  CiPullRequest,
  CiRepository,
  CiRun,
} from '@app/domain';
import { redactText } from '@app/log-analysis';
import type {
  annotationsSchema,
  changedFileSchema,
  commitSchema,
  comparisonSchema,
  contentSchema,
  jobSchema,
  pullRequestsSchema,
  repositorySchema,
  runSchema,
} from './api-schema.js';
import type { checksSchema, treeEntrySchema } from './graphql-schema.js';

/** Files beyond this are not read as text: nobody could show a model more. */
const LARGEST_FILE_BYTES = 262_144;

/** Of a link: what stands in it is another file's path. */
const SYMLINK_MODE = 0o120000;

const LEVELS = { NOTICE: 'notice', WARNING: 'warning', FAILURE: 'failure' } as const;

export function toRepository(repository: z.output<typeof repositorySchema>): CiRepository {
  return {
    id: repository.id,
    defaultBranch: repository.default_branch,
    private: repository.private,
    fork: repository.fork,
    archived: repository.archived,
    url: repository.html_url ?? null,
  };
}

export function toRun(run: z.output<typeof runSchema>): CiRun {
  return {
    id: run.id,
    attempt: run.run_attempt ?? 1,
    workflowId: run.workflow_id,
    workflowName: run.name ?? null,
    // Reusable and required workflows name the commit they are from: `.github/workflows/ci.yml@main`.
    workflowPath: run.path?.split('@')[0] ?? null,
    event: run.event,
    status: run.status ?? 'unknown',
    conclusion: run.conclusion,
    headSha: run.head_sha,
    branch: run.head_branch,
    headRepository: run.head_repository?.full_name ?? null,
    pullRequests: (run.pull_requests ?? []).map(({ number }) => number),
    commitMessage: masked(run.head_commit?.message),
    commitAuthor: run.head_commit?.author?.name ?? null,
    createdAt: run.created_at,
    updatedAt: run.updated_at,
    url: run.html_url ?? null,
  };
}

export function toJob(job: z.output<typeof jobSchema>, attempt: number): CiJob {
  return {
    id: job.id,
    runId: job.run_id,
    attempt: job.run_attempt ?? attempt,
    name: job.name,
    status: job.status,
    conclusion: job.conclusion,
    startedAt: job.started_at,
    completedAt: job.completed_at,
    url: job.html_url ?? null,
    checkId: job.node_id ?? null,
    steps: (job.steps ?? []).map((step) => ({
      number: step.number,
      name: step.name,
      status: step.status,
      conclusion: step.conclusion ?? null,
      startedAt: step.started_at,
      completedAt: step.completed_at,
    })),
  };
}

export function toChangedFile(file: z.output<typeof changedFileSchema>): CiChangedFile {
  return {
    path: file.filename,
    status: file.status,
    patch: masked(file.patch),
    previousPath: file.previous_filename ?? null,
    additions: file.additions,
    deletions: file.deletions,
  };
}

export function toComparison(comparison: z.output<typeof comparisonSchema>): CiComparison {
  return {
    commits: comparison.commits.map(toCommit),
    totalCommits: comparison.total_commits,
    files: (comparison.files ?? []).map(toChangedFile),
    url: comparison.html_url ?? null,
  };
}

function toCommit({ sha, commit, author, html_url }: z.output<typeof commitSchema>): CiCommit {
  return {
    sha,
    message: masked(commit.message) ?? '',
    authorLogin: author?.login ?? null,
    committedAt: commit.committer?.date ?? null,
    url: html_url ?? null,
  };
}

export function toCheckAnnotations({
  annotations,
}: NonNullable<z.output<typeof checksSchema>['nodes'][number]>): CiAnnotation[] {
  return (annotations?.nodes ?? []).flatMap((annotation) =>
    annotation === null
      ? []
      : {
          path: annotation.path,
          startLine: annotation.location.start.line,
          endLine: annotation.location.end.line,
          level: LEVELS[annotation.annotationLevel ?? 'FAILURE'],
          title: masked(annotation.title),
          message: masked(annotation.message) ?? '',
        },
  );
}

export function toAnnotations(annotations: z.output<typeof annotationsSchema>): CiAnnotation[] {
  return annotations.map((annotation) => ({
    path: annotation.path,
    startLine: annotation.start_line,
    endLine: annotation.end_line,
    level: annotation.annotation_level ?? 'failure',
    title: masked(annotation.title),
    message: masked(annotation.message) ?? '',
  }));
}

export function toPullRequests(pulls: z.output<typeof pullRequestsSchema>): CiPullRequest[] {
  return pulls.map((pull) => ({
    number: pull.number,
    title: masked(pull.title) ?? '',
    state: pull.state,
    draft: pull.draft ?? false,
    authorLogin: pull.user?.login ?? null,
    headSha: pull.head.sha,
    headBranch: pull.head.ref,
    headRepository: pull.head.repo?.full_name ?? null,
    baseBranch: pull.base.ref,
    baseSha: pull.base.sha,
    mergedAt: pull.merged_at,
    mergeCommitSha: pull.merge_commit_sha ?? null,
    url: pull.html_url ?? null,
  }));
}

/** The text of a file; null for folders, links, submodules, what is too large and what is no UTF-8 text. */
export function toText(content: z.output<typeof contentSchema>): string | null {
  if (Array.isArray(content) || content.type !== 'file' || content.size > LARGEST_FILE_BYTES) return null;
  if (content.encoding !== 'base64') return null;
  const bytes = Buffer.from(content.content ?? '', 'base64');
  if (bytes.includes(0)) return null;
  const text = decodedUtf8(bytes);
  return text === null ? null : redactText(text).text;
}

/** The same of a file as GraphQL shows it. */
export function blobText({ type, mode, object }: z.output<typeof treeEntrySchema>): string | null {
  if (type !== 'blob' || mode === SYMLINK_MODE || object?.text == null) return null;
  if (object.isTruncated || object.byteSize > LARGEST_FILE_BYTES) return null;
  // In another encoding than UTF-8, which is shown transcoded: what is edited in it would not be what stands there.
  if (Buffer.byteLength(object.text) !== object.byteSize || object.text.includes('\0')) return null;
  return redactText(object.text).text;
}

function decodedUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function masked(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : redactText(text).text;
}
