import type { Clock, Dispatch, EventBus, IncidentOutbox, Job, JobQueue, Log } from '@app/domain';

/**
 * Puts committed work on the queue, best effort: the rows it stands for are the outbox, so a queue that is away
 * costs time (until the sweeper comes round), never work.
 */
export class DispatchWork {
  constructor(
    private readonly queue: JobQueue,
    private readonly outbox: IncidentOutbox,
    private readonly bus: EventBus,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Never throws. */
  async incidents(dispatches: readonly Dispatch[]): Promise<void> {
    if (dispatches.length === 0) return;
    const jobs = dispatches.map(({ incidentId, sequence, turn }): Job => ({
      name: 'diagnose-incident',
      incidentId,
      sequence,
      ...(turn === undefined ? {} : { turn }),
    }));
    try {
      await this.queue.enqueue(jobs);
      await this.outbox.markDispatched(dispatches, this.clock.now());
    } catch (error) {
      this.log.warn({ incidents: dispatches.length, error: describe(error) }, 'dispatch_failed');
      return;
    }
    for (const { incidentId } of dispatches) {
      this.bus
        .publish('events:incident_opened', { incidentId })
        .catch((error: unknown) =>
          this.log.warn({ incidentId, error: describe(error) }, 'event_publish_failed'),
        );
    }
  }

  /** Never throws. @param turn its place in its project's line */
  async expandRun(deliveryId: string, sequence: number, turn: number): Promise<void> {
    try {
      await this.queue.enqueue([{ name: 'expand-run', deliveryId, sequence, turn }]);
    } catch (error) {
      this.log.warn({ deliveryId, error: describe(error) }, 'dispatch_failed');
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
