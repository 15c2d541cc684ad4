import type { ApiKey } from '@app/domain';
import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { z } from 'zod';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import { PatternDesk } from './pattern-desk.js';
import { presentPattern } from './pattern.presenter.js';
import {
  patternAcrossProjectsSchema,
  patternChangeSchema,
  patternListQuerySchema,
  patternMergeSchema,
  patternPageSchema,
  patternQuerySchema,
  patternUnmergeSchema,
  type PatternAcrossProjectsView,
  type PatternChange,
  type PatternListQuery,
  type PatternMerge,
  type PatternQuery,
  type PatternUnmerge,
  type PatternView,
} from './pattern.schemas.js';

const bodyOf = (schema: z.ZodType) =>
  ApiBody({ schema: z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as object });

@ApiTags('patterns')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('patterns')
export class PatternsController {
  constructor(private readonly desk: PatternDesk) {}

  @Get()
  @ApiOperation({ summary: 'Failure patterns, the one seen last first.' })
  @ApiOkResponse({ standardSchema: patternPageSchema })
  async list(
    @Caller() caller: ApiKey,
    @Query({ schema: patternListQuerySchema }) query: PatternListQuery,
  ): Promise<{ items: PatternView[]; nextCursor: string | null }> {
    const page = await this.desk.list(caller, query);
    return { items: page.items.map(presentPattern), nextCursor: page.nextCursor };
  }

  @Get(':fingerprint')
  @ApiOperation({
    summary: 'A failure in every project that has it: likely fixes, and patterns it may be merged with.',
  })
  @ApiOkResponse({ standardSchema: patternAcrossProjectsSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async detail(
    @Caller() caller: ApiKey,
    @Param('fingerprint') fingerprint: string,
    @Query({ schema: patternQuerySchema }) { project }: PatternQuery,
  ): Promise<PatternAcrossProjectsView> {
    return this.desk.detail(caller, fingerprint, project);
  }

  @Patch(':fingerprint')
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Mutes a pattern, or ends that.',
    description:
      'Incidents of a muted pattern are counted and become `ignored` with what is known of them; none is diagnosed anew, and nobody is told.',
  })
  @bodyOf(patternChangeSchema)
  @ApiOkResponse({ standardSchema: patternAcrossProjectsSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async change(
    @Caller() caller: ApiKey,
    @Param('fingerprint') fingerprint: string,
    @Body({ schema: patternChangeSchema }) change: PatternChange,
  ): Promise<PatternAcrossProjectsView> {
    return this.desk.change(caller, fingerprint, change);
  }

  @Post('merge')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Makes two patterns of a project one: what is seen of the source counts for the target.',
  })
  @bodyOf(patternMergeSchema)
  @ApiOkResponse({ standardSchema: patternAcrossProjectsSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async merge(
    @Caller() caller: ApiKey,
    @Body({ schema: patternMergeSchema }) merge: PatternMerge,
  ): Promise<PatternAcrossProjectsView> {
    return this.desk.merge(caller, merge);
  }

  @Post('unmerge')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Undoes a merge: what was seen under the fingerprint is its own again.' })
  @bodyOf(patternUnmergeSchema)
  @ApiOkResponse({ standardSchema: patternAcrossProjectsSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async unmerge(
    @Caller() caller: ApiKey,
    @Body({ schema: patternUnmergeSchema }) undo: PatternUnmerge,
  ): Promise<PatternAcrossProjectsView> {
    return this.desk.unmerge(caller, undo);
  }
}
