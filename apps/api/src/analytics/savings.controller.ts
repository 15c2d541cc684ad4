import { CacheSavings, Clock, type ApiKey, type SavedTotals } from '@app/domain';
import { Controller, ForbiddenException, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import { savingsQuerySchema, savingsSchema, type SavingsQuery, type SavingsView } from './savings.schemas.js';

const DAY_MS = 86_400_000;
const NOTHING: SavedTotals = { hits: 0, costUsd: 0, latencyMs: 0, calls: 0 };

@ApiTags('analytics')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('analytics')
export class SavingsController {
  constructor(
    private readonly savings: CacheSavings,
    private readonly clock: Clock,
  ) {}

  @Get('savings')
  @ApiOperation({ summary: 'What the cache saved: money, waiting and calls, by operation and day (UTC).' })
  @ApiOkResponse({ standardSchema: savingsSchema })
  @ApiForbiddenResponse({ standardSchema: problemSchema })
  async ofDays(
    @Caller() caller: ApiKey,
    @Query({ schema: savingsQuerySchema }) { days }: SavingsQuery,
  ): Promise<SavingsView> {
    if (caller.projectIds !== null)
      throw new ForbiddenException(
        `Savings are counted for all projects together; the API key “${caller.name}” sees only some.`,
      );
    const names = lastDays(this.clock.now(), days);
    const byDay = await Promise.all(names.map((day) => this.savings.ofDay(day)));
    const operations = new Map<string, SavedTotals>();
    for (const ofDay of byDay)
      for (const [namespace, saved] of Object.entries(ofDay))
        operations.set(namespace, sum(operations.get(namespace) ?? NOTHING, saved));
    return {
      from: names[0]!,
      to: names.at(-1)!,
      total: [...operations.values()].reduce(sum, NOTHING),
      operations: rowsOf([...operations]),
      days: names.map((day, index) => ({ day, operations: rowsOf(Object.entries(byDay[index]!)) })),
    };
  }
}

/** `yyyy-mm-dd`, the oldest first. */
function lastDays(now: Date, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(now.getTime() - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

function rowsOf(entries: readonly (readonly [string, SavedTotals])[]) {
  return entries
    .map(([namespace, saved]) => ({ namespace, ...saved }))
    .toSorted((a, b) => b.costUsd - a.costUsd || b.latencyMs - a.latencyMs);
}

function sum(a: SavedTotals, b: SavedTotals): SavedTotals {
  return {
    hits: a.hits + b.hits,
    costUsd: a.costUsd + b.costUsd,
    latencyMs: a.latencyMs + b.latencyMs,
    calls: a.calls + b.calls,
  };
}
