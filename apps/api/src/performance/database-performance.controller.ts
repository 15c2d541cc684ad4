import { databaseFigures, PERSISTENCE, type Persistence, type StatementFigures } from '@app/persistence';
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
  async figures(@Query({ schema: noQuerySchema }) _query: object): Promise<DatabasePerformanceView> {
    const { since, queries, totalMs, slowest } = databaseFigures.report(SHOWN);
    const host = await this.persistence.hostFigures();
    return {
      mode: this.persistence.mode,
      since: since.toISOString(),
      queries,
      totalMs: rounded(totalMs),
      meanMs: rounded(queries === 0 ? 0 : totalMs / queries),
      slowest: slowest.map(presentStatement),
      host: host && {
        since: host.since.toISOString(),
        statements: host.queries,
        busyMs: rounded(host.totalMs),
        cpuMs: rounded(host.cpuMs),
        slowest: host.slowest.map(presentStatement),
      },
    };
  }
}

function presentStatement(figures: StatementFigures): StatementFigures {
  const { totalMs, meanMs, maxMs } = figures;
  return { ...figures, totalMs: rounded(totalMs), meanMs: rounded(meanMs), maxMs: rounded(maxMs) };
}

function rounded(figure: number): number {
  return Math.round(figure * 100) / 100;
}
