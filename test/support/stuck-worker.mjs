// A worker process that takes jobs, prints the id of each, and never ends one. Runs the built product's queue.
// Argument: {"redis": {"url", "prefix"}} or {"socketDir"}.
import { Pool } from 'pg';
import { jobId } from '../../dist/libs/domain/src/index.js';
import { JobWorkers, QUEUE_POOL_OPTIONS } from '../../dist/libs/queue/src/index.js';

const { redis, socketDir } = JSON.parse(process.argv[2]);
const backend = redis
  ? { kind: 'redis', ...redis }
  : {
      kind: 'postgres',
      pool: new Pool({ host: socketDir, user: 'postgres', database: 'postgres', ...QUEUE_POOL_OPTIONS }),
    };
const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
const stuck = (job) => {
  console.log(jobId(job));
  return new Promise(() => {});
};
const names = ['diagnose-incident', 'expand-run', 'ingest-document', 'run-remediation'];
const handlers = Object.fromEntries(names.map((name) => [name, stuck]));
const config = { queue: { concurrency: 1, attempts: 3, backoffMs: 20 } };
await new JobWorkers({ backend, config, handlers, log, onFailed() {} }).start();
