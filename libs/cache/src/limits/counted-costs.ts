import { InvalidInput, type CostCounter, type CostTotals } from '@app/domain';
import type { Counters } from './counters.js';
import { dayOf, monthOf, type Period } from './periods.js';

/** Spending on counters named `cost:{subject}:{yyyy-mm-dd}` and `cost:{subject}:monthly:{yyyy-mm}`, in micro-dollars. */
export class CountedCosts implements CostCounter {
  constructor(
    private readonly counters: Counters,
    private readonly now: () => number = Date.now,
  ) {}

  async add(subject: string, microUsd: number): Promise<CostTotals> {
    if (!Number.isSafeInteger(microUsd) || microUsd < 0)
      throw new InvalidInput('Spending is counted in whole micro-dollars, at least 0.', { microUsd });
    const at = new Date(this.now());
    const add = (period: Period) =>
      this.counters.add(nameOf(subject, period), microUsd, { limit: null, expiresAtMs: period.keptUntilMs });
    const [daily, monthly] = await Promise.all([add(dayOf(at)), add(monthOf(at))]);
    return { dailyMicroUsd: daily.total, monthlyMicroUsd: monthly.total };
  }

  async of(subject: string, at: Date): Promise<CostTotals> {
    const names = [dayOf(at), monthOf(at)].map((period) => nameOf(subject, period));
    const [dailyMicroUsd = 0, monthlyMicroUsd = 0] = await this.counters.read(names);
    return { dailyMicroUsd, monthlyMicroUsd };
  }
}

function nameOf(subject: string, period: Period): string {
  return `cost:${subject}:${period.name}`;
}
