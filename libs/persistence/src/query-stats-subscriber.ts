import {
  EventSubscriber,
  type AfterQueryEvent,
  type BeforeQueryEvent,
  type EntitySubscriberInterface,
  type QueryRunner,
} from 'typeorm';
import { databaseFigures } from './database-figures.js';
import { RequestQueryStats } from './request-query-stats.js';

/** Reports every query of the DataSource to the figures of its request and of the process. */
@EventSubscriber()
export class QueryStatsSubscriber implements EntitySubscriberInterface {
  /** A runner has one query under way at a time. */
  private readonly startedAt = new WeakMap<QueryRunner, number>();

  beforeQuery({ queryRunner }: BeforeQueryEvent): void {
    this.startedAt.set(queryRunner, performance.now());
  }

  afterQuery({ queryRunner, query }: AfterQueryEvent): void {
    const startedAt = this.startedAt.get(queryRunner);
    if (startedAt === undefined) return;
    const ms = performance.now() - startedAt;
    RequestQueryStats.add(ms);
    databaseFigures.add(query, ms);
  }
}
