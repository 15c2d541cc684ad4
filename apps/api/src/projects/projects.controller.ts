import type { ApiKey } from '@app/domain';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post } from '@nestjs/common';
import {
  ApiBadGatewayResponse,
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import {
  backfillAnswerSchema,
  backfillSchema,
  changeProjectSchema,
  createProjectSchema,
  erasedSchema,
  projectDetailSchema,
  projectListSchema,
  type Backfill,
  type ChangeProject,
  type CreateProject,
  type ErasedView,
  type ProjectDetailView,
  type ProjectView,
} from './project.schemas.js';
import { Projects } from './projects.service.js';

@ApiTags('projects')
@ApiBearerAuth()
@ApiNotFoundResponse({ standardSchema: problemSchema })
@ApiBadRequestResponse({ standardSchema: problemSchema })
@Controller('projects')
export class ProjectsController {
  constructor(private readonly projects: Projects) {}

  @Get()
  @RequireRole('viewer')
  @ApiOperation({ summary: 'Connected repositories.' })
  @ApiOkResponse({ standardSchema: projectListSchema })
  async list(@Caller() caller: ApiKey): Promise<{ items: ProjectView[] }> {
    return { items: await this.projects.list(caller) };
  }

  @Get(':id')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'A repository with its settings, and what holds of its webhook secret.' })
  @ApiOkResponse({ standardSchema: projectDetailSchema })
  detail(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<ProjectDetailView> {
    return this.projects.detail(caller, id);
  }

  @Post()
  @RequireRole('admin')
  @ApiOperation({ summary: 'Connects a repository, with a back-fill of its recent runs if one is wanted.' })
  @ApiCreatedResponse({ standardSchema: projectDetailSchema })
  @ApiUnprocessableEntityResponse({
    standardSchema: problemSchema,
    description:
      'A back-fill is wanted, and GitHub has no such repository or we were not granted it: nothing was stored.',
  })
  @ApiBadGatewayResponse({ standardSchema: problemSchema, description: 'GitHub refuses our sign-in.' })
  @ApiServiceUnavailableResponse({ standardSchema: problemSchema, description: 'GitHub’s limit is used up.' })
  create(
    @Caller() caller: ApiKey,
    @Body({ schema: createProjectSchema }) wanted: CreateProject,
  ): Promise<ProjectDetailView> {
    return this.projects.create(caller, wanted);
  }

  @Patch(':id')
  @RequireRole('admin')
  @ApiOperation({
    summary: 'Changes settings; sets another webhook secret, beside which the old one holds a while.',
  })
  @ApiOkResponse({ standardSchema: projectDetailSchema })
  change(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: changeProjectSchema }) change: ChangeProject,
  ): Promise<ProjectDetailView> {
    return this.projects.change(caller, id, change);
  }

  @Delete(':id')
  @RequireRole('admin')
  @ApiOperation({ summary: 'Removes a project with everything that is kept of it. It can’t be undone.' })
  @ApiOkResponse({ standardSchema: erasedSchema })
  erase(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<ErasedView> {
    return this.projects.erase(caller, id);
  }

  @Post(':id/backfill')
  @HttpCode(202)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Takes in recent runs, as if their deliveries had come.' })
  @ApiOkResponse({ standardSchema: backfillAnswerSchema })
  @ApiUnprocessableEntityResponse({
    standardSchema: problemSchema,
    description: 'GitHub has no such repository, or we were not granted it: nothing could be back-filled.',
  })
  @ApiBadGatewayResponse({ standardSchema: problemSchema, description: 'GitHub refuses our sign-in.' })
  @ApiServiceUnavailableResponse({ standardSchema: problemSchema, description: 'GitHub’s limit is used up.' })
  async backfill(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: backfillSchema }) { days }: Backfill,
  ): Promise<{ found: number }> {
    return { found: await this.projects.backfill(caller, id, days) };
  }
}
