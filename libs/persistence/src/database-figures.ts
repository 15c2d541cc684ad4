/** What one statement took in this process, whatever its parameters were. */
export interface StatementFigures {
  /** The text without its parameters' values, on one line, at most 500 characters of it. */
  readonly statement: string;
  readonly count: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly maxMs: number;
}

export interface DatabaseFiguresReport {
  readonly since: Date;
  readonly queries: number;
  readonly totalMs: number;
  /** Those that took most time altogether, that one first. */
  readonly slowest: readonly StatementFigures[];
}

interface Counted {
  count: number;
  totalMs: number;
  maxMs: number;
}

/** Texts that are told apart; those beyond are counted as one. */
const MAX_STATEMENTS = 500;
const OTHERS = '(other statements)';
const MAX_LENGTH = 500;

/** Statements of this process since it started, by their text. */
export class DatabaseFigures {
  private readonly statements = new Map<string, Counted>();
  private readonly since = new Date();

  add(sql: string, ms: number): void {
    const text = this.statements.has(sql) || this.statements.size < MAX_STATEMENTS ? sql : OTHERS;
    const counted = this.statements.get(text) ?? { count: 0, totalMs: 0, maxMs: 0 };
    counted.count += 1;
    counted.totalMs += ms;
    counted.maxMs = Math.max(counted.maxMs, ms);
    this.statements.set(text, counted);
  }

  report(limit: number): DatabaseFiguresReport {
    const all = [...this.statements];
    return {
      since: this.since,
      queries: all.reduce((sum, [, { count }]) => sum + count, 0),
      totalMs: all.reduce((sum, [, { totalMs }]) => sum + totalMs, 0),
      slowest: all
        .toSorted(([, a], [, b]) => b.totalMs - a.totalMs)
        .slice(0, limit)
        .map(([sql, { count, totalMs, maxMs }]) => ({
          statement: sql.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_LENGTH),
          count,
          totalMs,
          meanMs: totalMs / count,
          maxMs,
        })),
    };
  }
}

/** Of all DataSources of the process: TypeORM makes the subscriber that counts by itself. */
export const databaseFigures = new DatabaseFigures();
