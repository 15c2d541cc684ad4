import {
  InvalidInput,
  type EventBus,
  type QuotaCounter,
  type QuotaDecision,
  type QuotaLimits,
  type QuotaType,
  type QuotaUse,
} from '@app/domain';
import type { Counters } from './counters.js';
import { dayOf, monthOf, type Period } from './periods.js';

/** At this share of a limit `system:quota_warning` says so. */
const WARN_AT = 0.8;

/** Quotas on counters named `quota:{subject}:{type}:{yyyy-mm-dd}` and `quota:{subject}:{type}:monthly:{yyyy-mm}`. */
export class CountedQuotas implements QuotaCounter {
  constructor(
    private readonly counters: Counters,
    private readonly eventBus: EventBus,
    private readonly now: () => number = Date.now,
  ) {}

  async consume(subject: string, type: QuotaType, limits: QuotaLimits, amount = 1): Promise<QuotaDecision> {
    checkAmount(amount);
    const countedAt = new Date(this.now());
    const [day, month] = [dayOf(countedAt), monthOf(countedAt)];
    const daily = await this.add(subject, type, day, amount, limits.daily);
    // One after the other, each atomic: at worst the day is short of `amount` for a moment, never is a limit passed.
    const monthly = daily.added
      ? await this.add(subject, type, month, amount, limits.monthly)
      : { added: false, total: await this.total(subject, type, month) };
    const allowed = daily.added && monthly.added;
    let { total: usedToday } = daily;
    if (daily.added && !monthly.added) usedToday = (await this.add(subject, type, day, -amount, null)).total;
    if (allowed) {
      this.warn(subject, type, 'daily', usedToday, amount, limits.daily);
      this.warn(subject, type, 'monthly', monthly.total, amount, limits.monthly);
    }
    return {
      allowed,
      daily: this.useOf(day, usedToday, limits.daily),
      monthly: this.useOf(month, monthly.total, limits.monthly),
      countedAt,
    };
  }

  async giveBack(subject: string, type: QuotaType, amount: number, countedAt: Date): Promise<void> {
    checkAmount(amount);
    for (const period of [dayOf(countedAt), monthOf(countedAt)])
      await this.add(subject, type, period, -amount, null);
  }

  async use(
    subject: string,
    type: QuotaType,
    limits: QuotaLimits,
  ): Promise<{ daily: QuotaUse; monthly: QuotaUse }> {
    const at = new Date(this.now());
    const [day, month] = [dayOf(at), monthOf(at)];
    const names = [day, month].map((period) => nameOf(subject, type, period));
    const [today = 0, thisMonth = 0] = await this.counters.read(names);
    return {
      daily: this.useOf(day, today, limits.daily),
      monthly: this.useOf(month, thisMonth, limits.monthly),
    };
  }

  private add(subject: string, type: QuotaType, period: Period, amount: number, limit: number | null) {
    return this.counters.add(nameOf(subject, type, period), amount, {
      limit,
      expiresAtMs: period.keptUntilMs,
    });
  }

  private async total(subject: string, type: QuotaType, period: Period): Promise<number> {
    const [total = 0] = await this.counters.read([nameOf(subject, type, period)]);
    return total;
  }

  private useOf(period: Period, requestsUsed: number, limit: number | null): QuotaUse {
    const resetInSeconds = Math.max(0, Math.ceil((period.endsAtMs - this.now()) / 1_000));
    return { requestsUsed, limit, resetInSeconds };
  }

  /** Once a period, by whoever takes the step over the mark. */
  private warn(
    subject: string,
    type: QuotaType,
    period: 'daily' | 'monthly',
    total: number,
    amount: number,
    limit: number | null,
  ): void {
    if (limit === null || total < WARN_AT * limit || total - amount >= WARN_AT * limit) return;
    // A bus loses announcements rather than to throw; nobody waits for it.
    void this.eventBus.publish('system:quota_warning', {
      subject,
      type,
      period,
      requestsUsed: total,
      limit,
    });
  }
}

function nameOf(subject: string, type: QuotaType, period: Period): string {
  return `quota:${subject}:${type}:${period.name}`;
}

function checkAmount(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount <= 0)
    throw new InvalidInput('What a quota counts is a whole number above 0.', { amount });
}
