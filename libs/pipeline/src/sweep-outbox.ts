import type {
  Clock,
  DeliveryDispatch,
  DeliveryRepository,
  Dispatch,
  IncidentOutbox,
  JobQueue,
  Log,
} from '@app/domain';
import type { DispatchWork } from './dispatch-work.js';

/** The embedded database runs one statement at a time: a longer one would keep webhooks waiting. */
const CLOSED_TOGETHER = 25;

/**
 * Whether the queue holds a delivery's job is asked one by one. The longer the line, the later each is asked after again:
 * up to that many times the grace, a further grace for each of so many that wait.
 */
const LONGEST_GRACES = 10;
const HELD_FOR_A_GRACE = 100;

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

    const asked = await this.sweepDeliveries(before, now);
    const swept = lost.length + asked;
    if (swept > 0) log.info({ incidents: lost.length, runs: asked }, 'outbox_swept');
    return swept;
  }

  /** Deliveries that ask something of the CI system. Most have been answered by other deliveries meanwhile. */
  private async sweepDeliveries(before: Date, now: Date): Promise<number> {
    const { batch, graceMs } = this.tools.limits;
    let swept = 0;
    let inLine = 0;
    for (;;) {
      const due = await this.deliveries.due(before, batch);
      const waiting: DeliveryDispatch[] = [];
      for (let at = 0; at < due.length; at += CLOSED_TOGETHER)
        waiting.push(...(await this.unanswered(due.slice(at, at + CLOSED_TOGETHER))));
      const held: string[] = [];
      const lost = new Map<string, number>();
      for (const { deliveryId, sequence, turn } of waiting) {
        const isHeld = await this.queue.isPending({ name: 'expand-run', deliveryId, sequence });
        if (isHeld) held.push(deliveryId);
        else lost.set(deliveryId, turn);
      }
      inLine += held.length;
      const graces = Math.min(LONGEST_GRACES, Math.floor(inLine / HELD_FOR_A_GRACE));
      if (held.length > 0)
        await this.deliveries.markDispatched(held, new Date(now.getTime() + graces * graceMs));
      // A queue remembers ended job ids and ignores them: the same work needs a new one.
      for (const { deliveryId, sequence } of await this.deliveries.redispatch([...lost.keys()], now))
        await this.dispatch.expandRun(deliveryId, sequence, lost.get(deliveryId)!);
      swept += lost.size;
      if (due.length < batch) return swept;
    }
  }

  private async unanswered(due: readonly DeliveryDispatch[]): Promise<DeliveryDispatch[]> {
    const closed = new Set(await this.deliveries.closeAnswered(due.map(({ deliveryId }) => deliveryId)));
    return due.filter(({ deliveryId }) => !closed.has(deliveryId));
  }
}
