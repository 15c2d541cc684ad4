import type { ApiKey } from '@app/domain';
import type { Steering } from '@app/pipeline';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConflictResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { z } from 'zod';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { problemSchema } from '../http/problem.js';
import { WorkflowDesk } from './workflow-desk.js';
import {
  steerBodySchema,
  workflowListQuerySchema,
  workflowPageSchema,
  workflowSchema,
  type SteerBody,
  type WorkflowListQuery,
  type WorkflowView,
} from './workflow.schemas.js';

const STEER_BODY = z.toJSONSchema(steerBodySchema, { target: 'openapi-3.0', io: 'input' }) as object;

@ApiTags('workflows')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('workflows')
export class WorkflowsController {
  constructor(private readonly desk: WorkflowDesk) {}

  @Get()
  @ApiOperation({ summary: 'Remediation workflows, newest first.' })
  @ApiOkResponse({ standardSchema: workflowPageSchema })
  async list(
    @Caller() caller: ApiKey,
    @Query({ schema: workflowListQuerySchema }) query: WorkflowListQuery,
  ): Promise<{ items: WorkflowView[]; nextCursor: string | null }> {
    return this.desk.list(caller, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'A workflow: its actions, what policy says of each, and what became of them.' })
  @ApiOkResponse({ standardSchema: workflowSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async detail(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<WorkflowView> {
    return this.desk.detail(caller, id);
  }

  @Post(':id/start')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Begins what policy lets happen by itself; otherwise the workflow waits for approval.',
  })
  @ApiBody({ schema: STEER_BODY, required: false })
  @ApiOkResponse({ standardSchema: workflowSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async start(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: steerBodySchema.optional() }) body?: SteerBody,
  ): Promise<WorkflowView> {
    return this.steer(caller, id, 'start', body);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Approves every action that policy does not refuse.' })
  @ApiBody({ schema: STEER_BODY, required: false })
  @ApiOkResponse({ standardSchema: workflowSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async approve(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: steerBodySchema.optional() }) body?: SteerBody,
  ): Promise<WorkflowView> {
    return this.steer(caller, id, 'approve', body);
  }

  @Post(':id/reject')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Rejects a workflow that waits for approval.' })
  @ApiBody({ schema: STEER_BODY, required: false })
  @ApiOkResponse({ standardSchema: workflowSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async reject(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: steerBodySchema.optional() }) body?: SteerBody,
  ): Promise<WorkflowView> {
    return this.steer(caller, id, 'reject', body);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Calls a workflow off; what it has done stays done.' })
  @ApiBody({ schema: STEER_BODY, required: false })
  @ApiOkResponse({ standardSchema: workflowSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async cancel(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: steerBodySchema.optional() }) body?: SteerBody,
  ): Promise<WorkflowView> {
    return this.steer(caller, id, 'cancel', body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Deletes a workflow of which nothing is under way; that its actions were taken stays known.',
  })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async delete(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.desk.delete(caller, id);
  }

  private steer(caller: ApiKey, id: string, wanted: Steering, body?: SteerBody): Promise<WorkflowView> {
    return this.desk.steer(caller, id, wanted, body?.reason ?? null);
  }
}
