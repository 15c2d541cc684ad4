import type { Clock } from '@app/domain';
import type { DataSource, EntityManager, ObjectLiteral, QueryRunner } from 'typeorm';
import { isConflict, isLostConnection, translate } from './database-errors.js';
import { OpenTransaction } from './open-transaction.js';

/** Tries of a transaction that another one got in the way of, and of a read whose connection was lost. */
const MAX_TRIES = 3;

/** Runs SQL and gives the rows. */
export type Query = <T extends ObjectLiteral>(
  sql: string,
  parameters?: readonly unknown[],
) => Promise<readonly T[]>;

/**
 * What repositories use of TypeORM. Everything goes through it, so that connection trouble is translated in one place.
 * Transactions are for a few statements: in the embedded mode every other client waits for them.
 */
export class Database {
  constructor(
    readonly dataSource: DataSource,
    readonly clock: Clock,
  ) {}

  /** One statement, in a transaction of its own. @throws ExternalFailure `database_away` */
  readonly query: Query = async <T extends ObjectLiteral>(sql: string, parameters: readonly unknown[] = []) =>
    this.guard(() => this.run<T>(sql, parameters));

  /**
   * One statement that only reads; asked again when its connection was lost, as it is while the embedded database moves to
   * another process. @throws ExternalFailure `database_away`
   */
  readonly read: Query = async <T extends ObjectLiteral>(sql: string, parameters: readonly unknown[] = []) =>
    this.guard(() => this.run<T>(sql, parameters), isConflictOrLost);

  /**
   * Several statements, all or nothing; tried again when another transaction got in the way.
   * @throws ExternalFailure `database_away`
   */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.guard(() =>
      this.dataSource.transaction((manager) =>
        OpenTransaction.run(() =>
          work(async <R extends ObjectLiteral>(sql: string, parameters: readonly unknown[] = []) =>
            rowsOf<R>(manager.queryRunner!, sql, parameters),
          ),
        ),
      ),
    );
  }

  /** Reads and single writes through entities. @throws ExternalFailure `database_away` */
  async entities<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.guard(() => work(this.dataSource.manager));
  }

  /** Reads through entities; begun again like `read`. @throws ExternalFailure `database_away` */
  async readEntities<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.guard(() => work(this.dataSource.manager), isConflictOrLost);
  }

  private async run<T extends ObjectLiteral>(
    sql: string,
    parameters: readonly unknown[],
  ): Promise<readonly T[]> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await rowsOf<T>(runner, sql, parameters);
    } finally {
      await runner.release();
    }
  }

  private async guard<T>(work: () => Promise<T>, mayBeTriedAgain = isConflict): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries < MAX_TRIES && mayBeTriedAgain(error)) continue;
        throw translate(error);
      }
    }
  }
}

function isConflictOrLost(error: unknown): boolean {
  return isConflict(error) || isLostConnection(error);
}

async function rowsOf<T extends ObjectLiteral>(
  runner: QueryRunner,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly T[]> {
  const result = await runner.query(sql, [...parameters], true);
  return result.records as T[];
}
