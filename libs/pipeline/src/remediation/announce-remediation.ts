import type { Cache, EventBus, JobQueue, Log, RemediationWorkflow } from '@app/domain';
import type { InvalidateViews } from '../invalidate-views.js';

/** Tells of a committed change of a workflow: caches drop it, listeners hear of it, workers get what is approved. */
export class AnnounceRemediation {
  constructor(
    private readonly cache: Cache,
    private readonly views: InvalidateViews,
    private readonly bus: EventBus,
    private readonly queue: JobQueue,
    private readonly log: Log,
  ) {}

  /** Never throws: what it could not do comes with time, or by the sweep. */
  async run({ id, incidentId, projectId, status, sequence }: RemediationWorkflow): Promise<void> {
    await this.cache.delete({ operation: 'workflows', id });
    this.views.incidentsChanged();
    await this.attempt(id, () =>
      this.bus.publish('events:remediation_updated', { workflowId: id, incidentId, projectId, status }),
    );
    if (status === 'approved') await this.dispatch([{ workflowId: id, sequence }]);
  }

  /** Never throws. */
  async dispatch(dispatches: readonly { workflowId: string; sequence: number }[]): Promise<void> {
    if (dispatches.length === 0) return;
    const jobs = dispatches.map((dispatch) => ({ name: 'run-remediation', ...dispatch }) as const);
    await this.attempt(dispatches[0]!.workflowId, () => this.queue.enqueue(jobs));
  }

  private async attempt(workflowId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.log.warn({ workflowId, error: (error as Error).message }, 'remediation_announcement_failed');
    }
  }
}
