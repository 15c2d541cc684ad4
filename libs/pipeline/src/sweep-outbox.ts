import type { Clock, DeliveryRepository, Dispatch, IncidentOutbox, JobQueue, Log } from '@app/domain';
import type { DispatchWork } from './dispatch-work.js';

export interface SweepLimits {
  /** Work younger than this is left to whoever just committed it. */
  readonly graceMs: number;
  /** Rows a sweep. */
  readonly batch: number;
}

/** Finds committed work that no queue holds (killed process, queue away, dead worker) and dispatches it again. */
export class SweepOutbox {
  constructor(
    private readonly outbox: IncidentOutbox,
    private readonly deliveries: DeliveryRepository,
    private readonly queue: JobQueue,
    private readonly dispatch: DispatchWork,
    private readonly tools: { clock: Clock; log: Log; limits: SweepLimits },
  ) {}

  /** Returns how many jobs were dispatched again. */
  async run(): Promise<number> {
    const { clock, log, limits } = this.tools;
    const now = clock.now();
    const before = new Date(now.getTime() - limits.graceMs);

    const held: Dispatch[] = [];
    const lost: Dispatch[] = [];
    for (const due of await this.outbox.due(before, now, limits.batch)) {
      if (await this.queue.isPending({ name: 'diagnose-incident', ...due })) held.push(due);
      else {
        // A queue remembers ended job ids and ignores them: the same work needs a new one.
        const again = await this.outbox.redispatch(due.incidentId, now);
        if (again) lost.push({ ...again, turn: due.turn });
      }
    }
    if (held.length > 0) await this.outbox.markDispatched(held, now);
    await this.dispatch.incidents(lost);

    const runs = await this.deliveries.takeDue(before, now, limits.batch);
    for (const { deliveryId, sequence, turn } of runs)
      await this.dispatch.expandRun(deliveryId, sequence, turn);

    const swept = lost.length + runs.length;
    if (swept > 0) log.info({ incidents: lost.length, runs: runs.length }, 'outbox_swept');
    return swept;
  }
}
