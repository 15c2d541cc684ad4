import { BackgroundJobNotFound, BackgroundJobs, type ApiKey, type BackgroundJob } from '@app/domain';
import { BackgroundDispatch } from '@app/knowledge';
import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { assertMayChange, maySee } from '../auth/project-scope.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { problemSchema } from '../http/problem.js';
import { JobInWrongState } from './job-in-wrong-state.js';
import {
  jobListQuerySchema,
  jobPageSchema,
  jobViewSchema,
  presentJob,
  type JobListQuery,
  type JobPageView,
  type JobView,
} from './job.schemas.js';

@ApiTags('jobs')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('jobs')
export class JobsController {
  constructor(
    private readonly jobs: BackgroundJobs,
    private readonly dispatch: BackgroundDispatch,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Background jobs, newest first; ended ones are kept for a week.' })
  @ApiOkResponse({ standardSchema: jobPageSchema })
  async list(
    @Caller() { projectIds }: ApiKey,
    @Query({ schema: jobListQuerySchema }) { state, limit, cursor }: JobListQuery,
  ): Promise<JobPageView> {
    const page = await this.jobs.list({ projectIds, state }, limit, cursor ?? null);
    return { items: page.items.map(presentJob), nextCursor: page.nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A background job: its state, progress, attempts and last error.' })
  @ApiOkResponse({ standardSchema: jobViewSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async one(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<JobView> {
    return presentJob(await this.get(caller, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Stops a job that is queued or running; its document is not found by searches.' })
  @ApiOkResponse({ standardSchema: jobViewSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema, description: 'It has ended.' })
  async cancel(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<JobView> {
    const job = await this.get(caller, id);
    assertMayChange(caller, job.projectId);
    const cancelled = await this.jobs.cancel(id);
    if (!cancelled) throw new JobInWrongState(await this.get(caller, id), 'queued or running');
    return presentJob(cancelled);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Queues a failed or cancelled job again; it goes on where it stopped.' })
  @ApiAcceptedResponse({ standardSchema: jobViewSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema, description: 'It neither failed nor was cancelled.' })
  async retry(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<JobView> {
    const job = await this.get(caller, id);
    assertMayChange(caller, job.projectId);
    const again = await this.jobs.retry(id);
    if (!again) throw new JobInWrongState(await this.get(caller, id), 'failed or cancelled');
    await this.dispatch.enqueue(again);
    return presentJob(again);
  }

  private async get(caller: ApiKey, id: string): Promise<BackgroundJob> {
    const job = await this.jobs.find(id);
    if (!job || !maySee(caller, job.projectId)) throw new BackgroundJobNotFound(id);
    return job;
  }
}
