import type { BudgetLine, BudgetReservation, BudgetState, Spending, SpendingBudget } from '@app/domain';
import type { Database } from '../database.js';

/** One function of the database for each step, so that a call costs two round trips and no open transaction. */
export class PostgresSpendingBudget implements SpendingBudget {
  constructor(private readonly database: Database) {}

  async reserve(lines: readonly BudgetLine[], amount: Spending): Promise<BudgetReservation> {
    const [row] = await this.database.query<{ result: BudgetReservation }>(
      'SELECT reserve_budget($1, $2, $3, $4) AS result',
      [JSON.stringify(lines), numeric(amount.costUsd), Math.ceil(amount.tokens), Math.ceil(amount.calls)],
    );
    return row!.result;
  }

  async settle(
    lines: readonly BudgetLine[],
    reserved: Spending,
    spent: Spending,
    warnAtShare: number,
  ): Promise<readonly BudgetState[]> {
    const [row] = await this.database.query<{ result: BudgetState[] }>(
      'SELECT settle_budget($1, $2, $3, $4, $5) AS result',
      [
        JSON.stringify(lines),
        numeric(spent.costUsd - reserved.costUsd),
        Math.ceil(spent.tokens) - Math.ceil(reserved.tokens),
        Math.ceil(spent.calls) - Math.ceil(reserved.calls),
        warnAtShare,
      ],
    );
    return row!.result;
  }

  async state(lines: readonly BudgetLine[]): Promise<readonly BudgetState[]> {
    const rows = await this.database.query<{ scope: string; period: string } & Spending>(
      `SELECT scope, period, cost_usd::double precision AS "costUsd", tokens::double precision AS tokens, calls
       FROM budget_use WHERE (scope, period) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [lines.map(({ scope }) => scope), lines.map(({ period }) => period)],
    );
    return lines.map((line) => {
      const row = rows.find(({ scope, period }) => scope === line.scope && period === line.period);
      const { costUsd, tokens, calls } = row ?? { costUsd: 0, tokens: 0, calls: 0 };
      return { ...line, used: { costUsd, tokens, calls } };
    });
  }
}

/** Nine decimals, as the column has: a number like 1e-7 is written out. */
function numeric(amount: number): string {
  return amount.toFixed(9);
}
