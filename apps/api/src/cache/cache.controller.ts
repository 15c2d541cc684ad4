import {
  CACHE_TARGETS,
  cacheAdvice,
  cacheStatistics,
  cacheStatisticsSchema,
  type CacheStatistics,
} from '@app/cache';
import { Cache } from '@app/domain';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { cachePerformanceSchema, type CachePerformanceView } from './cache.schemas.js';

@ApiTags('cache')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller()
export class CacheController {
  constructor(private readonly cache: Cache) {}

  @Get('cache/stats')
  @ApiOperation({ summary: 'What the cache of this process did, and how its Redis is.' })
  @ApiOkResponse({ standardSchema: cacheStatisticsSchema })
  async stats(@Query({ schema: noQuerySchema }) _query: object): Promise<CacheStatistics> {
    return cacheStatistics(await this.cache.figures());
  }

  @Get('performance/cache')
  @ApiOperation({ summary: 'The figures of the cache beside their targets, and what to do.' })
  @ApiOkResponse({ standardSchema: cachePerformanceSchema })
  async performance(@Query({ schema: noQuerySchema }) _query: object): Promise<CachePerformanceView> {
    const figures = await this.cache.figures();
    return {
      cache_metrics: cacheStatistics(figures),
      nfr_target: CACHE_TARGETS,
      recommendation: cacheAdvice(figures),
    };
  }
}
