import { cacheStatistics, namespacesOf, operationsIn, operationsMatching } from '@app/cache';
import { Cache, InvalidInput, Log, type ApiKey } from '@app/domain';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { problemSchema } from '../http/problem.js';
import { ApiWarmUp } from './api-warm-up.js';
import {
  cacheAdminStatsSchema,
  clearCacheSchema,
  clearedSchema,
  warmedSchema,
  type CacheAdminStatsView,
  type ClearCache,
} from './cache.schemas.js';

@ApiTags('cache')
@ApiBearerAuth()
@RequireRole('admin')
@Controller('admin/cache')
export class AdminCacheController {
  constructor(
    private readonly cache: Cache,
    private readonly warm: ApiWarmUp,
    private readonly log: Log,
  ) {}

  @Get('stats')
  @ApiOperation({ summary: 'The figures of the cache, by namespace too.' })
  @ApiOkResponse({ standardSchema: cacheAdminStatsSchema })
  async stats(@Query({ schema: noQuerySchema }) _query: object): Promise<CacheAdminStatsView> {
    const figures = await this.cache.figures();
    const namespaces = Object.fromEntries(
      Object.entries(figures.namespaces).map(([namespace, { bytesStored, ...counts }]) => [
        namespace,
        { ...counts, bytes: bytesStored },
      ]),
    );
    return { ...cacheStatistics(figures), namespaces };
  }

  @Post('clear')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Drops all cached entries, those of a namespace, or those whose keys match a pattern.',
    description: 'Queues, locks, limits, quotas and costs are no cache entries and stay.',
  })
  @ApiOkResponse({ standardSchema: clearedSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  async clear(
    @Caller() caller: ApiKey,
    @Body({ schema: clearCacheSchema }) asked: ClearCache,
  ): Promise<{ deleted: number }> {
    const deleted = await this.drop(asked);
    this.log.info({ ...asked, deleted, by: caller.name }, 'cache_cleared');
    return { deleted };
  }

  @Post('warm')
  @HttpCode(200)
  @ApiOperation({ summary: 'Loads what people are likely to ask for next.' })
  @ApiOkResponse({ standardSchema: warmedSchema })
  async warmUp(): Promise<{ read: number }> {
    return { read: await this.warm.run('on_request') };
  }

  /** @throws InvalidInput for what names no kind of entry */
  private async drop({ namespace, pattern }: ClearCache): Promise<number> {
    if (namespace === undefined && pattern === undefined) return this.cache.clear();
    const parts = namespace === undefined ? operationsMatching(pattern!) : operationsIn(namespace);
    if (parts.length === 0)
      throw new InvalidInput(
        `“${namespace ?? pattern}” is of no kind of cache entry. Namespaces: ${namespacesOf().join(', ')}.`,
      );
    const deleted = await Promise.all(
      parts.map(({ operation, glob }) => this.cache.deleteByPattern(operation, glob)),
    );
    return deleted.reduce((sum, count) => sum + count, 0);
  }
}
