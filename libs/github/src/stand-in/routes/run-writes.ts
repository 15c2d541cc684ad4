import type { RepositoryState } from '../state/repository-state.js';
import { SEED_DEFAULTS, type JobSeed, type RunSeed } from '../state/run-seed.js';
import {
  NOT_FOUND,
  refused,
  repositoryEndpoint,
  type StandInAnswer,
  type StandInCall,
} from '../stand-in-route.js';

const MADE: StandInAnswer = { status: 201, body: {} };

/** Running again and cancelling. A rerun is a new attempt at once, with its jobs queued. */
export const RUN_WRITE_ROUTES = [
  repositoryEndpoint('rerun', 'POST /actions/runs/{run_id}/rerun-failed-jobs', (call, repository) => {
    const run = repository.findRun(Number(call.params['run_id']));
    if (!run) return NOT_FOUND;
    if (!hasEnded(run)) return refused(403, 'This workflow run is already running');
    rerun(call, repository, run, ({ conclusion }) => conclusion !== 'success');
    call.state.writes.note('run_rerun', repository.fullName, run.id);
    return MADE;
  }),
  repositoryEndpoint('rerun_job', 'POST /actions/jobs/{job_id}/rerun', (call, repository) => {
    const found = repository.findJob(Number(call.params['job_id']));
    const run = found && repository.findRun(found.run.id);
    if (!found || !run) return NOT_FOUND;
    if (!hasEnded(run)) return refused(403, 'This workflow run is already running');
    rerun(call, repository, run, ({ name }) => name === found.job.name);
    call.state.writes.note('job_rerun', repository.fullName, found.job.id);
    return MADE;
  }),
  repositoryEndpoint('cancel', 'POST /actions/runs/{run_id}/cancel', (call, repository) => {
    const run = repository.findRun(Number(call.params['run_id']));
    if (!run) return NOT_FOUND;
    if (hasEnded(run)) return refused(409, 'Cannot cancel a workflow run that is completed.');
    repository.addRun({ ...run, status: 'completed', conclusion: 'cancelled' });
    call.state.writes.note('run_cancelled', repository.fullName, run.id);
    return { status: 202, body: {} };
  }),
];

function hasEnded({ status }: RunSeed): boolean {
  return (status ?? 'completed') === 'completed';
}

function rerun(
  { state }: StandInCall,
  repository: RepositoryState,
  run: RunSeed,
  isRerun: (job: JobSeed) => boolean,
): void {
  const now = new Date();
  const again = (job: JobSeed): JobSeed => ({
    id: state.nextId(),
    name: job.name,
    status: 'queued',
    conclusion: null,
    startedAt: now,
    completedAt: now,
  });
  // A job that isn't run again keeps the time at which it was.
  const kept = (job: JobSeed): JobSeed => {
    const completedAt = job.completedAt ?? run.completedAt ?? SEED_DEFAULTS.at;
    return { ...job, id: state.nextId(), completedAt, startedAt: job.startedAt ?? completedAt };
  };
  const jobs = (run.jobs ?? []).map((job) => (isRerun(job) ? again(job) : kept(job)));
  repository.addRun({
    ...run,
    attempt: (run.attempt ?? 1) + 1,
    status: 'queued',
    conclusion: null,
    startedAt: now,
    completedAt: now,
    jobs,
  });
}
