import type {
  BudgetLine,
  BudgetReservation,
  BudgetState,
  Spending,
  SpendingBudget,
  SpendingKind,
} from '@app/domain';
import type { MemoryStore } from './store.js';

const KINDS: readonly SpendingKind[] = ['costUsd', 'tokens', 'calls'];

export class InMemorySpendingBudget implements SpendingBudget {
  constructor(private readonly store: MemoryStore) {}

  async reserve(lines: readonly BudgetLine[], amount: Spending): Promise<BudgetReservation> {
    for (const line of lines) {
      const row = this.row(line);
      const kind = KINDS.find((each) => {
        const limit = line.limits[each];
        return limit !== null && rounded(row.used[each] + amount[each]) > limit;
      });
      if (kind === undefined) continue;
      const isNews = !row.told;
      row.told = true;
      return { granted: false, kind, isNews, exceeded: { ...line, used: { ...row.used } } };
    }
    for (const line of lines) this.add(line, amount, 1);
    return { granted: true };
  }

  async settle(
    lines: readonly BudgetLine[],
    reserved: Spending,
    spent: Spending,
    warnAtShare: number,
  ): Promise<readonly BudgetState[]> {
    return lines.flatMap((line) => {
      this.add(line, reserved, -1);
      this.add(line, spent, 1);
      const row = this.row(line);
      const isNear = KINDS.some((kind) => {
        const limit = line.limits[kind];
        return limit !== null && row.used[kind] >= warnAtShare * limit;
      });
      if (row.told || !isNear) return [];
      row.told = true;
      return [{ ...line, used: { ...row.used } }];
    });
  }

  async state(lines: readonly BudgetLine[]): Promise<readonly BudgetState[]> {
    return lines.map((line) => ({ ...line, used: { ...this.row(line).used } }));
  }

  private row({ scope, period }: BudgetLine) {
    const key = `${scope} ${period}`;
    const row = this.store.budgetUse.get(key) ?? { used: { costUsd: 0, tokens: 0, calls: 0 }, told: false };
    this.store.budgetUse.set(key, row);
    return row;
  }

  private add(line: BudgetLine, amount: Spending, sign: 1 | -1): void {
    const { used } = this.row(line);
    for (const kind of KINDS) used[kind] = Math.max(0, rounded(used[kind] + sign * amount[kind]));
  }
}

/** Nine decimals are what the table keeps. */
function rounded(amount: number): number {
  return Number(amount.toFixed(9));
}
