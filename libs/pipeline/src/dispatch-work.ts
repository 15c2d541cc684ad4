import type { Dispatch, EventBus, Job, JobQueue, Log } from '@app/domain';

/** Jobs in one call to the queue: more would take it a while, and others wait meanwhile. */
const MAX_TOGETHER = 100;

/**
 * Puts committed work on the queue, best effort: the rows it stands for are the outbox, so a queue that is away
 * costs time (until the sweeper comes round), never work. Nothing is noted on the rows: whoever committed the work stamped
 * them, and the sweeper leaves them alone for a while.
 */
export class DispatchWork {
  private current: Promise<void> = Promise.resolve();
  /** Goes to the queue when what is on its way there has arrived. */
  private next: Promise<void> | null = null;
  private waiting: Dispatch[] = [];

  constructor(
    private readonly queue: JobQueue,
    private readonly bus: EventBus,
    private readonly log: Log,
  ) {}

  /** Never throws. What comes while others are on their way goes together: a burst costs a few calls, not one each. */
  incidents(dispatches: readonly Dispatch[]): Promise<void> {
    if (dispatches.length === 0) return Promise.resolve();
    this.waiting.push(...dispatches);
    this.next ??= this.current.then(() => this.putWaiting());
    return this.next;
  }

  private async putWaiting(): Promise<void> {
    this.current = this.next!;
    this.next = null;
    const dispatches = this.waiting;
    this.waiting = [];
    for (let at = 0; at < dispatches.length; at += MAX_TOGETHER)
      await this.put(dispatches.slice(at, at + MAX_TOGETHER));
  }

  private async put(dispatches: readonly Dispatch[]): Promise<void> {
    const jobs = dispatches.map(({ incidentId, sequence, turn }): Job => ({
      name: 'diagnose-incident',
      incidentId,
      sequence,
      ...(turn === undefined ? {} : { turn }),
    }));
    try {
      await this.queue.enqueue(jobs);
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
