import type { GithubPart } from '../github-schema.js';
import { SEED_DEFAULTS, seedSteps, type JobSeed, type RunSeed } from './state/run-seed.js';

/** Where the shapes' links lead: github.com's by default. */
export interface PayloadLinks {
  readonly webUrl: string;
  readonly apiUrl: string;
}

export const GITHUB_LINKS: PayloadLinks = { webUrl: 'https://github.com', apiUrl: 'https://api.github.com' };

/** A workflow run in the shape of GitHub's REST API and of its `workflow_run` webhooks. */
export function runPayload(run: RunSeed, links = GITHUB_LINKS) {
  const at = (run.completedAt ?? SEED_DEFAULTS.at).toISOString();
  const createdAt = (run.createdAt ?? run.completedAt ?? SEED_DEFAULTS.at).toISOString();
  const web = `${links.webUrl}/${run.repository}`;
  const api = `${links.apiUrl}/repos/${run.repository}`;
  const workflowId = run.workflowId ?? SEED_DEFAULTS.workflowId;
  const attempt = run.attempt ?? 1;
  const headSha = run.headSha ?? SEED_DEFAULTS.headSha;
  return {
    id: run.id,
    name: run.workflowName ?? SEED_DEFAULTS.workflowName,
    node_id: `WFR_${run.id}`,
    head_branch: run.branch ?? SEED_DEFAULTS.branch,
    head_sha: headSha,
    path: run.workflowPath ?? SEED_DEFAULTS.workflowPath,
    display_title: 'Change of the build',
    run_number: 1,
    run_attempt: attempt,
    event: run.event ?? SEED_DEFAULTS.event,
    status: run.status ?? 'completed',
    conclusion: run.conclusion === undefined ? 'failure' : run.conclusion,
    workflow_id: workflowId,
    check_suite_id: run.id + 1,
    check_suite_node_id: `CS_${run.id + 1}`,
    url: `${api}/actions/runs/${run.id}`,
    html_url: `${web}/actions/runs/${run.id}`,
    pull_requests: (run.pullRequests ?? []).map((number) => ({
      id: number,
      number,
      url: `${api}/pulls/${number}`,
    })),
    created_at: createdAt,
    updated_at: at,
    run_started_at: run.startedAt?.toISOString() ?? createdAt,
    jobs_url: `${api}/actions/runs/${run.id}/jobs`,
    logs_url: `${api}/actions/runs/${run.id}/logs`,
    workflow_url: `${api}/actions/workflows/${workflowId}`,
    previous_attempt_url: attempt > 1 ? `${api}/actions/runs/${run.id}/attempts/${attempt - 1}` : null,
    head_commit: {
      id: headSha,
      tree_id: headSha,
      message: run.commitMessage ?? 'Change of the build',
      timestamp: at,
      author: { name: 'Mona Lisa', email: 'mona@example.com' },
      committer: { name: 'GitHub', email: 'noreply@github.com' },
    },
    repository: repositoryPayload(run.repository, links),
    head_repository:
      run.headRepository === null ? null : repositoryPayload(run.headRepository ?? run.repository, links),
  } satisfies GithubPart<'workflow-run', 'head_repository'>;
}

/** A job in the shape of GitHub's REST API and of its `workflow_job` webhooks. */
export function jobPayload(run: RunSeed, job: JobSeed, links = GITHUB_LINKS) {
  const completed = job.completedAt ?? run.completedAt ?? SEED_DEFAULTS.at;
  const started = job.startedAt ?? completed;
  const status = job.status ?? 'completed';
  const web = `${links.webUrl}/${run.repository}`;
  const api = `${links.apiUrl}/repos/${run.repository}`;
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflowName ?? SEED_DEFAULTS.workflowName,
    head_branch: run.branch ?? SEED_DEFAULTS.branch,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: run.attempt ?? 1,
    node_id: `CR_${job.id}`,
    head_sha: run.headSha ?? SEED_DEFAULTS.headSha,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${web}/actions/runs/${run.id}/job/${job.id}`,
    status,
    conclusion: job.conclusion === undefined ? 'failure' : job.conclusion,
    created_at: started.toISOString(),
    started_at: started.toISOString(),
    completed_at: status === 'completed' ? completed.toISOString() : null,
    name: job.name,
    steps: seedSteps(job).map(({ startedAt, completedAt, ...step }) => ({
      ...step,
      started_at: startedAt?.toISOString() ?? null,
      completed_at: completedAt?.toISOString() ?? null,
    })),
    check_run_url: `${api}/check-runs/${job.id}`,
    labels: ['ubuntu-latest'],
    runner_id: 1,
    runner_name: 'GitHub Actions 1',
    runner_group_id: 0,
    runner_group_name: 'GitHub Actions',
  } satisfies GithubPart<'job', 'status' | 'conclusion' | 'steps'>;
}

/** A repository in the shape of GitHub's REST API and of its webhooks. */
export function repositoryPayload(fullName: string, links: PayloadLinks) {
  const [owner = '', name = ''] = fullName.split('/');
  return {
    id: 186_853_002,
    node_id: 'R_186853002',
    name,
    full_name: fullName,
    private: false,
    owner: { login: owner, id: 21_031_067, type: 'Organization', url: `${links.apiUrl}/users/${owner}` },
    html_url: `${links.webUrl}/${fullName}`,
    url: `${links.apiUrl}/repos/${fullName}`,
    default_branch: 'main',
    fork: false,
  } satisfies GithubPart<'minimal-repository'>;
}

/** The body of a `workflow_run` webhook. */
export function workflowRunEvent(run: RunSeed, action = 'completed', links = GITHUB_LINKS) {
  const payload = runPayload(run, links);
  return {
    action,
    workflow_run: payload,
    workflow: {
      id: payload.workflow_id,
      name: payload.name,
      path: payload.path,
      state: 'active',
      url: payload.workflow_url,
    },
    repository: payload.repository,
    sender: { login: payload.repository.owner.login, id: payload.repository.owner.id, type: 'User' },
  };
}

/** The body of a `workflow_job` webhook. */
export function workflowJobEvent(run: RunSeed, job: JobSeed, action = 'completed', links = GITHUB_LINKS) {
  const repository = repositoryPayload(run.repository, links);
  return {
    action,
    workflow_job: jobPayload(run, job, links),
    repository,
    sender: { login: repository.owner.login, id: repository.owner.id, type: 'User' },
  };
}
