import type { Persistence } from '../chaos-product.js';

const SHOWN_EVERY_MS = 30_000;

/** What the product has still to do, of all it knows. */
export interface Work {
  readonly incidents: number;
  readonly waitingIncidents: number;
  readonly waitingDeliveries: number;
}

/** Cheap: it is asked of the database that the product works on. */
export async function readWork({ dataSource }: Persistence): Promise<Work> {
  const [work] = await dataSource.query(
    `SELECT count(*)::integer AS incidents,
       (count(*) FILTER (WHERE status IN ('received', 'diagnosing')))::integer AS "waitingIncidents",
       (SELECT count(*)::integer FROM deliveries WHERE status = 'pending') AS "waitingDeliveries"
     FROM incidents`,
  );
  return work;
}

/** How far a long run is: a line on stderr now and then. */
export class Progress {
  acknowledged = 0;
  work: Work | null = null;
  /** Of the last comparison. */
  problems: number | null = null;
  private readonly startedAt = performance.now();
  private readonly timer = setInterval(() => this.show(), SHOWN_EVERY_MS);

  /** @param left how many deliveries of the plan are still to be sent */
  constructor(
    private readonly planned: number,
    private readonly left: () => number,
  ) {}

  stop(): void {
    clearInterval(this.timer);
  }

  private show(): void {
    const { work, problems, planned } = this;
    const seconds = ((performance.now() - this.startedAt) / 1_000).toFixed(0);
    const settled = work === null ? '–' : `${work.incidents - work.waitingIncidents} of ${work.incidents}`;
    console.error(
      `${seconds} s: ${planned - this.left()} of ${planned} sent, ${this.acknowledged} acknowledged, incidents worked off ${settled}, deliveries pending ${work?.waitingDeliveries ?? '–'}, problems left ${problems ?? '–'}`,
    );
  }
}
