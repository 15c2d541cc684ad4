import { EXPIRING, type Expiring, type Log, type Retention, type RetentionDays } from '@app/domain';
import type { InvalidateViews } from './invalidate-views.js';

/** Rows that one statement deletes: few, since others wait for it where there is one session. */
const BATCH = 200;
/** Batches of one kind a round; the next round takes the rest. */
const MAX_BATCHES = 100;

/** Kinds whose rows searches and overviews show. */
const SHOWN: ReadonlySet<Expiring> = new Set(['incidents', 'patterns']);

/** Deletes what is older than it is to be kept, and what the cache tells of it. */
export class ForgetExpired {
  constructor(
    private readonly retention: Retention,
    private readonly days: RetentionDays,
    private readonly views: InvalidateViews,
    private readonly log: Log,
  ) {}

  /** Returns how many were deleted, by kind. */
  async run(): Promise<Readonly<Record<Expiring, number>>> {
    const counts = Object.fromEntries(EXPIRING.map((kind) => [kind, 0])) as Record<Expiring, number>;
    for (const kind of EXPIRING) {
      try {
        for (let batch = 0; batch < MAX_BATCHES; batch++) {
          const deleted = await this.retention.forget(kind, this.days, BATCH);
          counts[kind] += deleted;
          if (deleted < BATCH) break;
        }
      } finally {
        // Also of a round that breaks off: what was deleted must not be found any more.
        if (SHOWN.has(kind) && counts[kind] > 0) this.views.incidentsForgotten();
      }
    }
    if (Object.values(counts).some((count) => count > 0))
      this.log.info({ ...counts }, 'expired_data_deleted');
    return counts;
  }
}
