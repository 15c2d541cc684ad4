import { databaseFigures, PERSISTENCE, type Persistence } from '@app/persistence';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { databasePerformanceSchema, type DatabasePerformanceView } from './database-performance.schema.js';

const SHOWN = 10;

@ApiTags('performance')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('performance')
export class DatabasePerformanceController {
  constructor(@Inject(PERSISTENCE) private readonly persistence: Persistence) {}

  @Get('database')
  @ApiOperation({ summary: 'Queries of this process, and the statements that took most of the time.' })
  @ApiOkResponse({ standardSchema: databasePerformanceSchema })
  figures(@Query({ schema: noQuerySchema }) _query: object): DatabasePerformanceView {
    const { since, queries, totalMs, slowest } = databaseFigures.report(SHOWN);
    return {
      mode: this.persistence.mode,
      since: since.toISOString(),
      queries,
      totalMs: rounded(totalMs),
      meanMs: rounded(queries === 0 ? 0 : totalMs / queries),
      slowest: slowest.map((each) => ({
        ...each,
        totalMs: rounded(each.totalMs),
        meanMs: rounded(each.meanMs),
        maxMs: rounded(each.maxMs),
      })),
    };
  }
}

function rounded(figure: number): number {
  return Math.round(figure * 100) / 100;
}
