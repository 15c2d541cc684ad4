import { Readable } from 'node:stream';
import { zipped } from '../zipped.js';
import { NOT_FOUND, repositoryEndpoint, type StandInAnswer } from '../stand-in-route.js';
import type { JobSeed, RunSeed } from '../state/run-seed.js';
import type { StandInState } from '../state/stand-in-state.js';

// Signed like the real ones: whoever has the address may read.
const SIGNATURE = 'sig=c3RhbmQtaW4';

/** Logs of a job and of a whole run: redirects to the storage, which is another origin. */
export const LOG_ROUTES = [
  repositoryEndpoint('log', 'GET /actions/jobs/{job_id}/logs', ({ state, params }, repository) => {
    const log = repository.findJob(Number(params['job_id']))?.job.log;
    if (log === undefined || log === null) return NOT_FOUND;
    return redirect(`${state.storageUrl}/logs/${params['job_id']}?${SIGNATURE}`);
  }),
  repositoryEndpoint(
    'archive',
    'GET /actions/runs/{run_id}/attempts/{attempt}/logs',
    ({ state, params }, repository) => {
      const run = repository.findRun(Number(params['run_id']), Number(params['attempt']));
      if (!run || archiveOf(run) === null) return NOT_FOUND;
      const place = `${repository.fullName}/${params['run_id']}/${params['attempt']}`;
      return redirect(`${state.storageUrl}/archives/${place}?${SIGNATURE}`);
    },
  ),
];

/** What the storage gives for a path: a job's log or a run's archive. */
export function answerStorage(state: StandInState, path: string): StandInAnswer {
  const job = /^\/logs\/(\d+)$/.exec(path);
  if (job) {
    const log = state
      .all()
      .map((repository) => repository.findJob(Number(job[1])))
      .find((found) => found !== undefined)?.job.log;
    if (log === undefined || log === null) return NOT_FOUND;
    const stream = typeof log === 'function' ? log() : Readable.from([Buffer.from(log)]);
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, stream };
  }
  const run = /^\/archives\/([^/]+\/[^/]+)\/(\d+)\/(\d+)$/.exec(path);
  const found = run && state.find(run[1]!)?.findRun(Number(run[2]), Number(run[3]));
  const archive = found ? archiveOf(found) : null;
  if (archive === null) return NOT_FOUND;
  return { status: 200, headers: { 'content-type': 'application/zip' }, stream: Readable.from([archive]) };
}

function redirect(location: string): StandInAnswer {
  return { status: 302, headers: { location } };
}

/** GitHub packs a whole log for each job. Null when none of the run's jobs has one. */
function archiveOf(run: RunSeed): Uint8Array | null {
  if (run.archive) return run.archive;
  const files = (run.jobs ?? []).flatMap((job, index) => {
    const log = archivedLog(job);
    return log === null ? [] : [{ name: `${index}_${fileNameOf(job.name)}.txt`, content: log }];
  });
  return files.length > 0 ? zipped(files) : null;
}

/** Without what file names may not have, and cut: as GitHub does it. */
function fileNameOf(jobName: string): string {
  return jobName.replaceAll(/[/\\:*?"<>|]/g, '').slice(0, 90);
}

function archivedLog(job: JobSeed): Uint8Array | null {
  const log = job.archivedLog ?? job.log;
  return log === undefined || log === null || typeof log === 'function' ? null : Buffer.from(log);
}
