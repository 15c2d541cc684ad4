import { Clock, type ApiKey } from '@app/domain';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import { UsageReader } from './usage-reader.js';
import {
  costsQuerySchema,
  costsSchema,
  usageQuerySchema,
  usageSchema,
  type CostsQueryInput,
  type CostsView,
  type UsageQueryInput,
  type UsageView,
} from './usage.schemas.js';

@ApiTags('usage')
@ApiBearerAuth()
@RequireRole('viewer')
@ApiNotFoundResponse({ standardSchema: problemSchema })
@Controller('usage')
export class UsageController {
  constructor(
    private readonly reader: UsageReader,
    private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What models may be asked and cost in this day and month, and what is used of it.',
  })
  @ApiOkResponse({ standardSchema: usageSchema })
  async quotas(
    @Caller() caller: ApiKey,
    @Query({ schema: usageQuerySchema }) { project }: UsageQueryInput,
  ): Promise<UsageView> {
    return { at: this.clock.now().toISOString(), quotas: await this.reader.quotas(caller, project) };
  }

  @Get('costs')
  @ApiOperation({ summary: 'What models did cost, by day, month, project and operation.' })
  @ApiOkResponse({ standardSchema: costsSchema })
  async costs(
    @Caller() caller: ApiKey,
    @Query({ schema: costsQuerySchema }) query: CostsQueryInput,
  ): Promise<CostsView> {
    const { byDay, byMonth, byProject, byOperation, total } = await this.reader.costs(caller, query);
    return {
      from: query.from.toISOString(),
      to: query.to.toISOString(),
      total,
      byDay: [...byDay],
      byMonth: [...byMonth],
      byProject: [...byProject],
      byOperation: [...byOperation],
    };
  }
}
