import {
  CiProvider,
  ExternalFailure,
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
import { LogDownload, type LogDownloadOptions } from './logs/log-download.js';
import {
  toAnnotations,
  toChangedFile,
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
const MAX_ANNOTATIONS = 1_000;
/** Successful runs looked at for one of another commit. */
const SUCCESSES_LOOKED_AT = 20;

/** GitHub's REST API, on github.com or a GitHub Enterprise server. */
export class OctokitCiProvider implements CiProvider {
  private readonly logs: LogDownload;

  constructor(
    private readonly api: GithubApi,
    options: LogDownloadOptions,
  ) {
    this.logs = new LogDownload(api, options);
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
    const { workflowId, branch, status, createdSince, headSha, limit = DEFAULT_RUNS } = query;
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
          ...(createdSince && { created: `>=${createdSince.toISOString()}` }),
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
    const query = { workflowId, branch, status: 'success', limit: SUCCESSES_LOOKED_AT };
    const runs = await this.listRuns(repository, query);
    return runs.find(({ headSha }) => headSha !== beforeSha) ?? null;
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
    return this.logs.jobLog(repository, jobId, signal);
  }

  async listAnnotations(repository: RepositoryRef, jobId: number): Promise<CiAnnotation[]> {
    return this.api.readList(
      repository,
      {
        what: `annotations of job ${jobId}`,
        // A job's check run has the job's id.
        route: 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations',
        parameters: { check_run_id: jobId },
        schema: annotationsSchema,
        convert: toAnnotations,
      },
      MAX_ANNOTATIONS,
    );
  }

  async findFile(repository: RepositoryRef, path: string, sha: string): Promise<string | null> {
    const reading = {
      what: `file ${path} at ${sha}`,
      route: 'GET /repos/{owner}/{repo}/contents/{path}',
      parameters: { path, ref: sha },
      schema: contentSchema,
      convert: toText,
    };
    try {
      return await this.api.read(repository, reading);
    } catch (error) {
      if (error instanceof ExternalFailure && error.code === 'github_not_found') return null;
      throw error;
    }
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
}
