import {
  EventSubscriber,
  type AfterQueryEvent,
  type BeforeQueryEvent,
  type EntitySubscriberInterface,
  type QueryRunner,
} from 'typeorm';
import { RequestQueryStats } from './request-query-stats.js';

/** Reports every query of the DataSource to the figures of its request. */
@EventSubscriber()
export class QueryStatsSubscriber implements EntitySubscriberInterface {
  /** A runner has one query under way at a time. */
  private readonly startedAt = new WeakMap<QueryRunner, number>();

  beforeQuery({ queryRunner }: BeforeQueryEvent): void {
    this.startedAt.set(queryRunner, performance.now());
  }

  afterQuery({ queryRunner }: AfterQueryEvent): void {
    const startedAt = this.startedAt.get(queryRunner);
    if (startedAt !== undefined) RequestQueryStats.add(performance.now() - startedAt);
  }
}
