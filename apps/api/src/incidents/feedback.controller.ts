import {
  FeedbackRepository,
  IncidentNotFound,
  IncidentRepository,
  type ApiKey,
  type Feedback,
} from '@app/domain';
import { GiveFeedback } from '@app/pipeline';
import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
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
import {
  feedbackBodySchema,
  feedbackListSchema,
  givenFeedbackSchema,
  type FeedbackBody,
  type FeedbackView,
} from './feedback.schemas.js';

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('incidents')
export class FeedbackController {
  constructor(
    private readonly incidents: IncidentRepository,
    private readonly feedback: FeedbackRepository,
    private readonly give: GiveFeedback,
  ) {}

  @Get(':id/feedback')
  @ApiOperation({ summary: 'What people said of an incident’s diagnoses, the oldest first.' })
  @ApiOkResponse({ standardSchema: feedbackListSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async list(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<{ items: FeedbackView[] }> {
    await this.assertVisible(caller, id);
    return { items: (await this.feedback.ofIncident(id)).map(present) };
  }

  @Post(':id/feedback')
  @RequireRole('operator')
  @ApiOperation({
    summary: 'A verdict on the diagnosis that the incident shows.',
    description:
      'A cause that is called wrong is never given for that failure again. An incident in `diagnosed` or `awaiting_approval` is diagnosed anew at once, and workflows that were planned from the contradicted diagnosis and have not begun are cancelled; one that runs begins no further action.',
  })
  @ApiBody({ schema: z.toJSONSchema(feedbackBodySchema, { target: 'openapi-3.0', io: 'input' }) as object })
  @ApiCreatedResponse({ standardSchema: givenFeedbackSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async create(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: feedbackBodySchema }) body: FeedbackBody,
  ): Promise<FeedbackView & { diagnosedAnew: boolean; calledOff: string[] }> {
    await this.assertVisible(caller, id);
    const { feedback, diagnosedAnew, calledOff } = await this.give.run(id, { ...body, by: caller.name });
    return { ...present(feedback), diagnosedAnew, calledOff: [...calledOff] };
  }

  private async assertVisible(caller: ApiKey, id: string): Promise<void> {
    const { projectId } = await this.incidents.get(id);
    if (caller.projectIds !== null && !caller.projectIds.includes(projectId)) throw new IncidentNotFound(id);
  }
}

function present(feedback: Feedback): FeedbackView {
  const { id, rootCause, solution, judgedCause, judgedSolution, actualCause, note, givenBy, givenAt } =
    feedback;
  return {
    id,
    rootCause,
    solution,
    judgedCause,
    judgedSolution,
    actualCause,
    note,
    givenBy,
    givenAt: givenAt.toISOString(),
  };
}
