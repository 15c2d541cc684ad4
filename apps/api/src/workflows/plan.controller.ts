import type { ApiKey } from '@app/domain';
import { Body, Controller, Param, ParseUUIDPipe, Post, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import { WorkflowDesk } from './workflow-desk.js';
import {
  planBodySchema,
  planQuerySchema,
  previewSchema,
  workflowSchema,
  type PlanBody,
  type PlanQuery,
  type PreviewView,
  type WorkflowView,
} from './workflow.schemas.js';

@ApiTags('workflows')
@ApiBearerAuth()
@RequireRole('operator')
@Controller('incidents')
export class PlanController {
  constructor(private readonly desk: WorkflowDesk) {}

  @Post(':id/workflows')
  @ApiOperation({
    summary: 'Plans a remediation, or shows exactly what one would do.',
    description:
      'Nothing is done before the workflow is started, and nothing that policy refuses is done at all.',
  })
  @ApiBody({
    schema: z.toJSONSchema(planBodySchema, { target: 'openapi-3.0', io: 'input' }) as object,
    required: false,
  })
  @ApiCreatedResponse({ standardSchema: workflowSchema })
  @ApiOkResponse({ standardSchema: previewSchema, description: 'With `dryRun=true`.' })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async plan(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: planQuerySchema }) { dryRun }: PlanQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body({ schema: planBodySchema.optional() }) body?: PlanBody,
  ): Promise<WorkflowView | PreviewView> {
    const kinds = body?.kinds ?? null;
    if (!dryRun) return this.desk.plan(caller, id, kinds);
    void reply.status(200);
    return this.desk.preview(caller, id, kinds);
  }
}
