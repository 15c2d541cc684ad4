import {
  CiProvider,
  ExternalFailure,
  type AnnotatedJob,
  type ArchivedJob,
  type CiAnnotation,
  type CiChangedFile,
  type CiComparison,
  type CiJob,
  type CiPullRequest,
  type CiRepository,
  type CiRun,
  type CiRunQuery,
  type RawLog,
  type RepositoryRef,
} from '@app/domain';
import { createdBetween } from './created-between.js';
import {
  annotationsSchema,
  commitSchema,
  comparisonSchema,
  contentSchema,
  jobsSchema,
  pullRequestsSchema,
  repositorySchema,
  runSchema,
  runsSchema,
} from './api-schema.js';
import type { GithubApi } from './client/github-api.js';
import { CHECKS_QUERY, checksSchema, filesQuery, filesSchema, filesVariables } from './graphql-schema.js';
import { gzipCapped } from './logs/capped-gzip.js';
import { LogDownload, type LogDownloadOptions } from './logs/log-download.js';
import { RunArchives } from './logs/run-archives.js';
import {
  blobText,
  toAnnotations,
  toChangedFile,
  toCheckAnnotations,
  toComparison,
  toJob,
  toPullRequests,
  toRepository,
  toRun,
  toText,
} from './to-domain.js';

const DEFAULT_RUNS = 100;
/** GitHub lists no more jobs, runs and annotations than these. */
const MAX_JOBS = 10_000;
const MAX_RUNS = 1_000;
/** Successful runs looked at for one of the same branch and another commit. */
const SUCCESSES_LOOKED_AT = 50;
/** Most items that one GraphQL question names. */
const MAX_NAMED = 100;
/** Of what is asked for one by one where there is no sign-in. */
const MAX_UNSIGNED = 2;
const MAX_ANNOTATIONS = 50;
/** Of all files of an answer: more than any prompt takes, and what a cache can keep. */
const MAX_FILES_CHARS = 1_048_576;

/** GitHub's REST API, on github.com or a GitHub Enterprise server. */
export class OctokitCiProvider implements CiProvider {
  private readonly logs: LogDownload;
  private readonly archives: RunArchives;

  constructor(
    private readonly api: GithubApi,
    private readonly options: LogDownloadOptions,
  ) {
    this.logs = new LogDownload(api, options);
    this.archives = new RunArchives(this.logs, options.logMaxBytes);
  }

  async getRepository(repository: RepositoryRef): Promise<CiRepository> {
    return this.api.read(repository, {
      what: 'description',
      route: 'GET /repos/{owner}/{repo}',
      schema: repositorySchema,
      convert: toRepository,
      revalidate: 'github.repo',
    });
  }

  async getRun(repository: RepositoryRef, runId: number, attempt?: number): Promise<CiRun> {
    const run = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}';
    return this.api.read(repository, {
      what: `run ${runId}${attempt === undefined ? '' : ` (attempt ${attempt})`}`,
      route: attempt === undefined ? run : `${run}/attempts/{attempt_number}`,
      parameters: { run_id: runId, ...(attempt !== undefined && { attempt_number: attempt }) },
      schema: runSchema,
      convert: toRun,
      revalidate: 'github.runs',
    });
  }

  async listRuns(repository: RepositoryRef, query: CiRunQuery): Promise<CiRun[]> {
    const { workflowId, branch, status, headSha, limit = DEFAULT_RUNS } = query;
    const created = createdBetween(query);
    const of = workflowId === undefined ? 'runs' : 'workflows/{workflow_id}/runs';
    return this.api.readList(
      repository,
      {
        what: 'runs',
        route: `GET /repos/{owner}/{repo}/actions/${of}`,
        parameters: {
          ...(workflowId !== undefined && { workflow_id: workflowId }),
          ...(branch !== undefined && { branch }),
          ...(status !== undefined && { status }),
          ...(created !== null && { created }),
          ...(headSha !== undefined && { head_sha: headSha }),
        },
        schema: runsSchema,
        convert: ({ workflow_runs }) => workflow_runs.map(toRun),
        revalidate: 'github.runs',
      },
      Math.min(limit, MAX_RUNS),
    );
  }

  async findLastSuccessfulRun(
    repository: RepositoryRef,
    workflowId: number,
    branch: string,
    beforeSha?: string,
  ): Promise<CiRun | null> {
    const runs = await this.listRuns(repository, {
      workflowId,
      status: 'success',
      limit: SUCCESSES_LOOKED_AT,
    });
    const full = `${repository.owner}/${repository.name}`.toLowerCase();
    // A fork's runs print what its owner wants.
    const own = runs.filter(
      ({ headSha, headRepository }) => headSha !== beforeSha && headRepository?.toLowerCase() === full,
    );
    return own.find((run) => run.branch === branch) ?? own[0] ?? null;
  }

  async listJobs(repository: RepositoryRef, runId: number, attempt: number): Promise<CiJob[]> {
    return this.api.readList(
      repository,
      {
        what: `jobs of run ${runId} (attempt ${attempt})`,
        route: 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs',
        parameters: { run_id: runId, attempt_number: attempt },
        schema: jobsSchema,
        convert: ({ jobs }) => jobs.map((job) => toJob(job, attempt)),
        revalidate: 'github.jobs',
      },
      MAX_JOBS,
    );
  }

  getJobLog(repository: RepositoryRef, jobId: number, signal?: AbortSignal): Promise<RawLog> {
    const stored = {
      what: `log of job ${jobId}`,
      route: 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs',
      parameters: { job_id: jobId },
    };
    const take = (log: AsyncIterable<Uint8Array>) => gzipCapped(log, this.options.logMaxBytes);
    return this.logs.run(repository, stored, take, signal);
  }

  getArchivedLog(repository: RepositoryRef, job: ArchivedJob, signal?: AbortSignal): Promise<RawLog> {
    return this.archives.jobLog(repository, job, signal);
  }

  async listAnnotations(
    repository: RepositoryRef,
    jobs: readonly AnnotatedJob[],
  ): Promise<ReadonlyMap<number, readonly CiAnnotation[]>> {
    const asked = jobs.slice(0, MAX_NAMED);
    const checks = asked.flatMap(({ checkId }) => checkId ?? []);
    const answer =
      checks.length === asked.length
        ? await this.api.query(repository, {
            what: `annotations of ${checks.length} jobs`,
            query: CHECKS_QUERY,
            variables: { checks },
            schema: checksSchema,
          })
        : null;
    if (answer === null) return this.annotationsOneByOne(repository, asked.slice(0, MAX_UNSIGNED));
    const byCheck = new Map(answer.nodes.flatMap((check) => (check?.id ? [[check.id, check] as const] : [])));
    return new Map(
      asked.flatMap(({ id, checkId }) => {
        const check = byCheck.get(checkId!);
        return check ? [[id, toCheckAnnotations(check)] as const] : [];
      }),
    );
  }

  async findFiles(
    repository: RepositoryRef,
    paths: readonly string[],
    sha: string,
  ): Promise<ReadonlyMap<string, string>> {
    const asked = paths.slice(0, MAX_NAMED);
    if (asked.length === 0) return new Map();
    const answer = await this.api.query(repository, {
      what: `${asked.length} files at ${sha}`,
      query: filesQuery(asked),
      variables: filesVariables(asked, sha),
      schema: filesSchema,
    });
    const texts =
      answer === null
        ? await this.filesOneByOne(repository, asked.slice(0, MAX_UNSIGNED), sha)
        : asked.map((path, i) => {
            const entry = answer.repository?.object?.[`f${i}`];
            return [path, entry ? blobText(entry) : null] as const;
          });
    let left = MAX_FILES_CHARS;
    const fitting = texts.flatMap(([path, text]) => {
      if (text === null || text.length > left) return [];
      left -= text.length;
      return [[path, text] as const];
    });
    return new Map(fitting);
  }

  async listChangedFiles(repository: RepositoryRef, sha: string): Promise<CiChangedFile[]> {
    return this.api.read(repository, {
      what: `changes of commit ${sha}`,
      route: 'GET /repos/{owner}/{repo}/commits/{ref}',
      parameters: { ref: sha },
      schema: commitSchema,
      convert: ({ files }) => (files ?? []).map(toChangedFile),
    });
  }

  async compareCommits(repository: RepositoryRef, base: string, head: string): Promise<CiComparison> {
    return this.api.read(repository, {
      what: `comparison of ${base} and ${head}`,
      route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
      parameters: { basehead: `${base}...${head}` },
      schema: comparisonSchema,
      convert: toComparison,
    });
  }

  async listPullRequests(repository: RepositoryRef, sha: string): Promise<CiPullRequest[]> {
    return this.api.read(repository, {
      what: `pull requests of commit ${sha}`,
      route: 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
      parameters: { commit_sha: sha, per_page: 100 },
      schema: pullRequestsSchema,
      convert: toPullRequests,
      revalidate: 'github.pulls',
    });
  }

  private async annotationsOneByOne(
    repository: RepositoryRef,
    jobs: readonly AnnotatedJob[],
  ): Promise<ReadonlyMap<number, readonly CiAnnotation[]>> {
    const read = jobs.map(async ({ id }) => {
      const reading = {
        what: `annotations of job ${id}`,
        // A job's check run has the job's id.
        route: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
        parameters: { check_run_id: id, per_page: MAX_ANNOTATIONS },
        schema: annotationsSchema,
        convert: toAnnotations,
      };
      return orNull(this.api.read(repository, reading).then((found) => [id, found] as const));
    });
    return new Map((await Promise.all(read)).filter((found) => found !== null));
  }

  private async filesOneByOne(
    repository: RepositoryRef,
    paths: readonly string[],
    sha: string,
  ): Promise<(readonly [string, string | null])[]> {
    return Promise.all(
      paths.map(async (path) => {
        const reading = {
          what: `file ${path} at ${sha}`,
          route: 'GET /repos/{owner}/{repo}/contents/{path}',
          parameters: { path, ref: sha },
          schema: contentSchema,
          convert: toText,
        };
        return [path, await orNull(this.api.read(repository, reading))] as const;
      }),
    );
  }
}

/** Null for what GitHub doesn't have. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ExternalFailure && error.code === 'github_not_found') return null;
    throw error;
  }
}
