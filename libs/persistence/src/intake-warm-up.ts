import type { Delivery, FailedJob } from '@app/domain';
import type { Database } from './database.js';
import { groupedDelivery, recordDeliveries } from './repositories/record-deliveries.js';

/** After so many, PGlite's code for it is compiled for speed: the first take ten times as long. */
const GROUPS = 8;
const GROUP_SIZE = 6;

/** Says that the transaction has done its work and is to leave nothing behind. */
class Rehearsed extends Error {}

/**
 * Rehearses the intake, so that the first deliveries don't wait until their statements are planned and, in the embedded
 * database, compiled. A few short transactions, each rolled back: real deliveries go in between.
 */
export class IntakeWarmUp {
  constructor(private readonly database: Database) {}

  /** Ends early once `signal` is aborted. @throws ExternalFailure `database_away` */
  async run(signal: AbortSignal): Promise<void> {
    for (let group = 0; group < GROUPS && !signal.aborted; group++) {
      await this.rehearse(Array.from({ length: GROUP_SIZE }, (_, at) => rehearsal(group * GROUP_SIZE + at)));
    }
  }

  private async rehearse(deliveries: readonly Delivery[]): Promise<void> {
    const group = deliveries.map((delivery) => groupedDelivery(delivery, { isShared: true }));
    try {
      await this.database.transaction(async (query) => {
        await recordDeliveries(query, group, this.database.clock.now());
        throw new Rehearsed();
      });
    } catch (error) {
      if (!(error instanceof Rehearsed)) throw error;
    }
  }
}

/** By turns a failed job, the same job passing in a later run, and the run of that. */
function rehearsal(index: number): Delivery {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 1_000);
  const repository = { host: 'rehearsal.invalid', owner: 'rehearsal', name: 'rehearsal' };
  const run = {
    repository,
    runId: index + 1,
    attempt: 1,
    workflowId: 1,
    workflowName: 'rehearsal',
    headSha: '0'.repeat(40),
    branch: 'rehearsal',
    url: null,
  };
  const origin = { trigger: 'push', headRepository: 'rehearsal/rehearsal', pullRequests: [], ownWork: false };
  const failed: FailedJob = {
    ...run,
    ...origin,
    source: 'github',
    jobName: 'rehearsal',
    jobId: index + 1,
    conclusion: 'failure',
    failedStep: null,
    failedAt: at,
  };
  const ended = { ...run, conclusion: 'success', endedAt: at };
  const meanings: readonly Delivery['meaning'][] = [
    { kind: 'failed_job', job: failed },
    { kind: 'job', job: { ...ended, jobName: 'rehearsal', jobId: index + 1 } },
    { kind: 'run', run: { ...ended, ...origin } },
  ];
  return {
    id: `rehearsal-${index}`,
    event: 'rehearsal',
    action: null,
    repository,
    receivedAt: at,
    meaning: meanings[index % meanings.length]!,
    payload: {},
  };
}
