import { readDelivery, signedDelivery, workflowJobEvent } from '@app/github';

export const BENCH_SECRET = 'bench-secret';

/** A request as GitHub sends it. */
export type SignedDelivery = ReturnType<typeof signedDelivery>;

const LINES_BEFORE = 500;

/** The failed job of a run of its own; every twentieth fails as the first did. The stand-in must know the run. */
export function failingRun(index: number) {
  const error = `src/a${index % 20}.ts(3,7): error TS2304: Cannot find name 'v'.`;
  const log = [
    '2026-10-01T10:00:00.0000000Z ##[group]Run npm run build',
    ...Array<string>(LINES_BEFORE).fill('2026-10-01T10:00:01.0000000Z npm http fetch GET 200 package'),
    `2026-10-01T10:00:02.0000000Z ${error}`,
    '2026-10-01T10:00:03.0000000Z ##[error]Process completed with exit code 2.\n',
  ].join('\n');
  const job = { id: 50_000 + index, name: 'build', failedStep: 'Run build', log };
  return { repository: 'acme/bench', id: 10_000 + index, jobs: [job] };
}

export function failure(index: number): SignedDelivery {
  const run = failingRun(index);
  return signedDelivery('workflow_job', workflowJobEvent(run, run.jobs[0]!), BENCH_SECRET);
}

/** Passing jobs, as most deliveries are: stored as facts, and no work for the workers. */
export function success(index: number): SignedDelivery {
  const job = { id: 9_000_000 + index, name: 'build', conclusion: 'success' };
  const run = { repository: 'acme/flood', id: 900_000 + index, jobs: [job] };
  return signedDelivery('workflow_job', workflowJobEvent(run, job), BENCH_SECRET);
}

/** The delivery's row without all that follows from it, as one INSERT whose first parameter is its id. */
export function insertOf(index: number): { sql: string; values: unknown[] } {
  const payload = JSON.parse(failure(index).body) as Record<string, unknown>;
  const { action, repository, receivedAt, meaning } = readDelivery({
    id: '',
    event: 'workflow_job',
    payload,
    receivedAt: new Date(),
  });
  return {
    sql: `INSERT INTO bench_deliveries (
        id, event, action, repository, received_at, meaning, status, outbox_at, project_id, payload)
      VALUES ($1, 'workflow_job', $2, $3, $4, $5, 'processed', $4, (SELECT id FROM projects LIMIT 1), $6)`,
    values: [action, repository, receivedAt, meaning, payload],
  };
}
