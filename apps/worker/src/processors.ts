import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { FailedJobRepository, Log } from '@app/domain';
import { EmbedDocument } from '@app/knowledge';
import { DiagnoseIncident, ExpandRun, PlanRemediation, RunRemediation } from '@app/pipeline';
import { JobWorkers, QUEUE_BACKEND, type QueueBackend } from '@app/queue';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

/** How long jobs in flight may go on at a shutdown before they are aborted and handed back. */
const FINISH_LIMIT_MS = 10_000;

/** Which use case runs which job. Closes before the cache and the database do (they end in later phases). */
@Injectable()
export class Processors implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly workers: JobWorkers;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    diagnose: DiagnoseIncident,
    plan: PlanRemediation,
    remediate: RunRemediation,
    expand: ExpandRun,
    embed: EmbedDocument,
    failedJobs: FailedJobRepository,
    log: Log,
  ) {
    this.workers = new JobWorkers({
      backend,
      config,
      log,
      handlers: {
        'diagnose-incident': async ({ incidentId }, context) => {
          await diagnose.run(incidentId, context);
          await planAtOnce(plan, incidentId, log);
        },
        'run-remediation': ({ workflowId }, context) => remediate.run(workflowId, context),
        'expand-run': ({ deliveryId }, context) => expand.run(deliveryId, context),
        'ingest-document': ({ backgroundJobId: id, sequence }, context) =>
          embed.run({ id, sequence }, context),
      },
      onFailed: (record) => failedJobs.record(record),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.workers.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.workers.close(FINISH_LIMIT_MS);
  }
}

/** What policy lets happen by itself happens at once; what fails here is found by the next round of remediations. */
async function planAtOnce(plan: PlanRemediation, incidentId: string, log: Log): Promise<void> {
  try {
    await plan.automatically(incidentId);
  } catch (error) {
    log.info({ incidentId, error: (error as Error).message }, 'remediation_not_planned');
  }
}
