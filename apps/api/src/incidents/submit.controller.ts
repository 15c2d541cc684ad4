import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { ProjectNotFound, ProjectRepository, type ApiKey } from '@app/domain';
import { SubmitLog } from '@app/pipeline';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiNotFoundResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { API_PREFIX } from '../http/paths.js';
import { problemSchema } from '../http/problem.js';
import { repositoryOf } from '../projects/repository-of.js';
import { submitBodySchema, submittedSchema } from './incident.schemas.js';
import { readLogUpload } from './log-upload.js';

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('operator')
@Controller('incidents')
export class SubmitController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly projects: ProjectRepository,
    private readonly submit: SubmitLog,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Hands in the log of a failed job by hand (text or file).' })
  @ApiConsumes('application/json', 'text/plain', 'application/octet-stream', 'multipart/form-data')
  @ApiBody({ schema: z.toJSONSchema(submitBodySchema, { target: 'openapi-3.0', io: 'input' }) as object })
  @ApiAcceptedResponse({ standardSchema: submittedSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({
    standardSchema: problemSchema,
    description: 'The repository is outside the projects of the API key.',
  })
  @ApiPayloadTooLargeResponse({ standardSchema: problemSchema })
  @ApiUnprocessableEntityResponse({
    standardSchema: problemSchema,
    description: 'The log is empty or binary.',
  })
  async create(
    @Caller() caller: ApiKey,
    @Req() request: FastifyRequest,
  ): Promise<{ id: string; status: 'received'; url: string }> {
    const { meta, content } = await readLogUpload(request, this.config.http.manualLogLimitBytes);
    const repository = repositoryOf(meta.repository, this.config);
    if (caller.projectIds !== null) {
      const project = (await this.projects.list()).find(
        (known) =>
          known.repository.host === repository.host &&
          known.repository.owner.toLowerCase() === repository.owner.toLowerCase() &&
          known.repository.name.toLowerCase() === repository.name.toLowerCase(),
      );
      // A project of others is answered like one that isn't there.
      if (!project || !caller.projectIds.includes(project.id)) throw new ProjectNotFound(meta.repository);
    }
    const id = await this.submit.run({
      repository,
      jobName: meta.job,
      workflowName: meta.workflow ?? null,
      branch: meta.branch ?? null,
      content,
    });
    return { id, status: 'received', url: `/${API_PREFIX}/incidents/${id}` };
  }
}
