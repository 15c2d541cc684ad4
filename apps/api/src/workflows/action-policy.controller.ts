import {
  ActionPolicies,
  DEFAULT_ACTION_POLICY,
  ProjectNotFound,
  ProjectRepository,
  type ActionPolicy,
  type ApiKey,
} from '@app/domain';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Put, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
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
import { actionPolicySchema, projectPolicySchema, type ActionPolicyBody } from './action.schemas.js';

interface ProjectPolicyView {
  policy: ActionPolicy;
  isDefault: boolean;
}

@ApiTags('projects')
@ApiBearerAuth()
@RequireRole('admin')
@Controller('projects')
export class ActionPolicyController {
  constructor(
    private readonly projects: ProjectRepository,
    private readonly policies: ActionPolicies,
  ) {}

  @Get(':id/action-policy')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'What the project lets the product do to its repository.' })
  @ApiOkResponse({ standardSchema: projectPolicySchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async read(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<ProjectPolicyView> {
    await this.assertVisible(caller, id);
    const policy = await this.policies.find(id);
    return { policy: policy ?? DEFAULT_ACTION_POLICY, isDefault: policy === null };
  }

  @Put(':id/action-policy')
  @ApiOperation({ summary: 'Replaces the policy as a whole.' })
  @ApiBody({ schema: z.toJSONSchema(actionPolicySchema, { target: 'openapi-3.0', io: 'input' }) as object })
  @ApiOkResponse({ standardSchema: projectPolicySchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async replace(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: actionPolicySchema }) policy: ActionPolicyBody,
  ): Promise<ProjectPolicyView> {
    await this.assertVisible(caller, id);
    await this.policies.save(id, policy);
    return { policy, isDefault: false };
  }

  @Delete(':id/action-policy')
  @HttpCode(204)
  @ApiOperation({ summary: 'Takes the policy away: everything waits for approval, nothing is automatic.' })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async remove(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.assertVisible(caller, id);
    await this.policies.save(id, null);
  }

  private async assertVisible(caller: ApiKey, id: string): Promise<void> {
    const isOutside = caller.projectIds !== null && !caller.projectIds.includes(id);
    if (isOutside || (await this.projects.find(id)) === null) throw new ProjectNotFound(id);
  }
}
