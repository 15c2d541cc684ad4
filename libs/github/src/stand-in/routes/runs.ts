import type { RepositoryState } from '../state/repository-state.js';
import type { RunSeed } from '../state/run-seed.js';
import { jobPayload, runPayload } from '../run-payloads.js';
import { NOT_FOUND, ok, paged, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';

/** Runs, their attempts, and the jobs of an attempt. */
export const RUN_ROUTES = [
  repositoryEndpoint('runs', 'GET /actions/runs', (call, repository) => answerRuns(call, repository)),
  repositoryEndpoint('workflow_runs', 'GET /actions/workflows/{workflow_id}/runs', (call, repository) =>
    answerRuns(call, repository, Number(call.params['workflow_id'])),
  ),
  repositoryEndpoint('run', 'GET /actions/runs/{run_id}', (call, repository) => {
    const run = repository.findRun(idOf(call));
    return run ? ok(runPayload(run, linksOf(call))) : NOT_FOUND;
  }),
  repositoryEndpoint('run', 'GET /actions/runs/{run_id}/attempts/{attempt}', (call, repository) => {
    const run = repository.findRun(idOf(call), Number(call.params['attempt']));
    return run ? ok(runPayload(run, linksOf(call))) : NOT_FOUND;
  }),
  repositoryEndpoint('jobs', 'GET /actions/runs/{run_id}/jobs', (call, repository) =>
    answerJobs(call, repository.findRun(idOf(call))),
  ),
  repositoryEndpoint('jobs', 'GET /actions/runs/{run_id}/attempts/{attempt}/jobs', (call, repository) =>
    answerJobs(call, repository.findRun(idOf(call), Number(call.params['attempt']))),
  ),
  repositoryEndpoint('job', 'GET /actions/jobs/{job_id}', (call, repository) => {
    const found = repository.findJob(Number(call.params['job_id']));
    return found ? ok(jobPayload(found.run, found.job, linksOf(call))) : NOT_FOUND;
  }),
];

/** Links of payloads lead to github.com's pages and to the stand-in's API. */
export function linksOf({ state }: StandInCall) {
  return { webUrl: 'https://github.com', apiUrl: state.apiUrl };
}

function idOf(call: StandInCall): number {
  return Number(call.params['run_id']);
}

function answerJobs(call: StandInCall, run: RunSeed | undefined) {
  if (!run) return NOT_FOUND;
  const jobs = run.jobs ?? [];
  return paged(call, jobs, (shown) => ({
    total_count: jobs.length,
    jobs: shown.map((job) => jobPayload(run, job, linksOf(call))),
  }));
}

function answerRuns(call: StandInCall, repository: RepositoryState, workflowId?: number) {
  const asked = call.url.searchParams;
  const created = asked.get('created') ?? '';
  const [, from, to] = /^(.+)\.\.(.+)$/.exec(created) ?? [];
  const since = from ?? /^>=(.+)$/.exec(created)?.[1];
  const until = to ?? /^<=(.+)$/.exec(created)?.[1];
  const runs = repository.listRuns({
    workflowId,
    branch: asked.get('branch') ?? undefined,
    event: asked.get('event') ?? undefined,
    headSha: asked.get('head_sha') ?? undefined,
    status: asked.get('status') ?? undefined,
    createdSince: since === undefined ? undefined : new Date(since),
    createdUntil: until === undefined ? undefined : new Date(until),
  });
  return paged(call, runs, (shown) => ({
    total_count: runs.length,
    workflow_runs: shown.map((run) => runPayload(run, linksOf(call))),
  }));
}
