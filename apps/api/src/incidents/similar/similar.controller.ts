import type { ApiKey } from '@app/domain';
import { FindSimilarTo } from '@app/pipeline';
import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../../auth/api-key.guard.js';
import { Caller } from '../../auth/caller.decorator.js';
import { problemSchema } from '../../http/problem.js';
import { IncidentReader } from '../incident-reader.js';
import { similarQuerySchema, similarSchema, type SimilarQuery, type SimilarView } from './similar.schemas.js';

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('incidents')
export class SimilarController {
  constructor(
    private readonly reader: IncidentReader,
    private readonly findSimilarTo: FindSimilarTo,
  ) {}

  @Get(':id/similar')
  @ApiOperation({
    summary: 'Resolved incidents that failed alike, within what the caller may see, the most helpful first.',
  })
  @ApiOkResponse({ standardSchema: similarSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiServiceUnavailableResponse({ standardSchema: problemSchema, description: 'The embedder is away.' })
  async similar(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: similarQuerySchema }) query: SimilarQuery,
  ): Promise<SimilarView> {
    const incident = await this.reader.get(caller, id);
    const found = await this.findSimilarTo.run(incident, { ...query, projectIds: caller.projectIds });
    return { items: [...found] };
  }
}
