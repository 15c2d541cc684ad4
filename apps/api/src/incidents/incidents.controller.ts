import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ApiKey } from '@app/domain';
import {
  Controller,
  Get,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Query,
  StreamableFile,
} from '@nestjs/common';
import { ApiBearerAuth, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { problemSchema } from '../http/problem.js';
import { IncidentReader } from './incident-reader.js';
import { presentIncident, presentLog, presentTimeline } from './incident.presenter.js';
import {
  incidentDetailSchema,
  incidentListQuerySchema,
  incidentLogSchema,
  incidentPageSchema,
  logQuerySchema,
  timelineSchema,
  type IncidentDetailView,
  type IncidentListQuery,
  type IncidentLogView,
  type IncidentView,
  type LogQuery,
  type TimelineView,
} from './incident.schemas.js';

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('incidents')
export class IncidentsController {
  constructor(private readonly reader: IncidentReader) {}

  @Get()
  @ApiOperation({ summary: 'Incidents, newest first.' })
  @ApiOkResponse({ standardSchema: incidentPageSchema })
  async list(
    @Caller() caller: ApiKey,
    @Query({ schema: incidentListQuerySchema }) query: IncidentListQuery,
  ): Promise<{ items: IncidentView[]; nextCursor: string | null }> {
    const page = await this.reader.list(caller, query);
    return { items: page.items.map(presentIncident), nextCursor: page.nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'An incident with its diagnosis, evidence lines and cost.' })
  @ApiOkResponse({ standardSchema: incidentDetailSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async detail(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<IncidentDetailView> {
    return this.reader.detail(caller, id);
  }

  @Get(':id/log')
  @ApiOperation({ summary: 'The excerpt around the evidence, or the whole redacted log.' })
  @ApiOkResponse({ standardSchema: incidentLogSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async log(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: logQuerySchema }) query: LogQuery,
  ): Promise<IncidentLogView | StreamableFile> {
    const log = await this.reader.log(caller, id, query.attempt);
    if (!log)
      throw new NotFoundException(
        'The log of this attempt has not been read yet, or could not be; see the timeline.',
      );
    if (!query.raw) return presentLog(log);
    return new StreamableFile(Readable.from([log.gzip]).pipe(createGunzip()), {
      type: 'text/plain; charset=utf-8',
    });
  }

  @Get(':id/timeline')
  @ApiOperation({ summary: 'Everything that happened to an incident, in order.' })
  @ApiOkResponse({ standardSchema: timelineSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async timeline(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<TimelineView> {
    return presentTimeline(await this.reader.timeline(caller, id));
  }
}
