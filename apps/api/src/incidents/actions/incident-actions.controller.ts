import type { ApiKey } from '@app/domain';
import { MoveIncident, type HandMove } from '@app/pipeline';
import { Body, Controller, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../../auth/api-key.guard.js';
import { Caller } from '../../auth/caller.decorator.js';
import { problemSchema } from '../../http/problem.js';
import { IncidentReader } from '../incident-reader.js';
import { presentIncident } from '../incident.presenter.js';
import { incidentSchema, type IncidentView } from '../incident.schemas.js';
import {
  diagnoseQuerySchema,
  reasonSchema,
  type DiagnoseQuery,
  type Reason,
} from './incident-actions.schemas.js';

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('operator')
@ApiNotFoundResponse({ standardSchema: problemSchema })
@ApiConflictResponse({ standardSchema: problemSchema, description: 'Its status does not allow it.' })
@Controller('incidents/:id')
export class IncidentActionsController {
  constructor(
    private readonly reader: IncidentReader,
    private readonly moveIncident: MoveIncident,
  ) {}

  @Post('resolve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Resolves an incident by hand. It is not verified until its job has passed again.',
  })
  @ApiOkResponse({ standardSchema: incidentSchema })
  resolve(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
  ): Promise<IncidentView> {
    return this.move(caller, id, 'resolve', reason);
  }

  @Post('ignore')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ignores an incident until its job fails again.' })
  @ApiOkResponse({ standardSchema: incidentSchema })
  ignore(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
  ): Promise<IncidentView> {
    return this.move(caller, id, 'ignore', reason);
  }

  @Post('reopen')
  @HttpCode(200)
  @ApiOperation({ summary: 'Reopens an incident; it is diagnosed again.' })
  @ApiOkResponse({ standardSchema: incidentSchema })
  reopen(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: reasonSchema }) { reason }: Reason,
  ): Promise<IncidentView> {
    return this.move(caller, id, 'reopen', reason);
  }

  @Post('diagnose')
  @HttpCode(202)
  @ApiOperation({ summary: 'Diagnoses an incident again, in the background.' })
  @ApiAcceptedResponse({ standardSchema: incidentSchema })
  async diagnose(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: diagnoseQuerySchema }) { fresh }: DiagnoseQuery,
  ): Promise<IncidentView> {
    const incident = await this.reader.get(caller, id);
    const reason = fresh ? 'A fresh diagnosis was asked for.' : 'A diagnosis was asked for again.';
    const facts = { by: caller.name, fresh };
    return presentIncident(await this.moveIncident.run(incident, 'diagnose', reason, facts));
  }

  private async move(caller: ApiKey, id: string, move: HandMove, reason: string): Promise<IncidentView> {
    const incident = await this.reader.get(caller, id);
    return presentIncident(await this.moveIncident.run(incident, move, reason, { by: caller.name }));
  }
}
