import type { RedisConnection } from '../redis/redis-connection.js';
import { SAVINGS_KEPT_DAYS, type SavingsStore, type WholeSavings } from './savings-store.js';

const KEPT_SECONDS = SAVINGS_KEPT_DAYS * 86_400;
const FIGURES = ['hits', 'costMicroUsd', 'latencyMs', 'calls'] as const;

/**
 * Savings of all processes: a hash a day, `{prefix}:savings:{yyyy-mm-dd}`, with the fields `{namespace}|{figure}`. Its methods
 * throw what `RedisConnection.run` throws.
 */
export class RedisSavingsStore implements SavingsStore {
  constructor(
    private readonly connection: RedisConnection,
    private readonly prefix: string,
  ) {}

  async add(day: string, byNamespace: ReadonlyMap<string, WholeSavings>): Promise<void> {
    const key = this.keyOf(day);
    await this.connection.run(() => {
      const transaction = this.connection.client.multi();
      for (const [namespace, saved] of byNamespace)
        for (const figure of FIGURES)
          if (saved[figure] > 0) transaction.hIncrBy(key, `${namespace}|${figure}`, saved[figure]);
      return transaction.expire(key, KEPT_SECONDS).exec();
    });
  }

  async read(day: string): Promise<ReadonlyMap<string, WholeSavings>> {
    const fields = await this.connection.run(() => this.connection.client.hGetAll(this.keyOf(day)));
    const namespaces = new Set(Object.keys(fields).map((field) => field.slice(0, field.lastIndexOf('|'))));
    return new Map(
      [...namespaces].map((namespace) => {
        const of = (figure: (typeof FIGURES)[number]): number =>
          Number(fields[`${namespace}|${figure}`] ?? 0);
        return [
          namespace,
          {
            hits: of('hits'),
            costMicroUsd: of('costMicroUsd'),
            latencyMs: of('latencyMs'),
            calls: of('calls'),
          },
        ];
      }),
    );
  }

  private keyOf(day: string): string {
    return `${this.prefix}:savings:${day}`;
  }
}
