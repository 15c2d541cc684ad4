import { ProjectNotFound, ProjectRepository, Redactor, type ApiKey } from '@app/domain';
import { AnswerQuestion } from '@app/pipeline';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { assertMayChange } from '../auth/project-scope.js';
import { problemSchema } from '../http/problem.js';
import { IncidentReader } from '../incidents/incident-reader.js';
import { ChatSessions } from './chat-sessions.js';
import {
  chatAnswerSchema,
  chatBodySchema,
  presentAnswer,
  type ChatAnswerView,
  type ChatBody,
} from './chat.schemas.js';

@ApiTags('chat')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('chat')
export class ChatController {
  constructor(
    private readonly incidents: IncidentReader,
    private readonly sessions: ChatSessions,
    private readonly answer: AnswerQuestion,
    private readonly redactor: Redactor,
    private readonly projects: ProjectRepository,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Answers a question from incidents and runbooks that the caller may see, with what it rests on.',
    description:
      'Without a configured model the answer is made of the best passages and incidents, and says so. What was said ' +
      'earlier in the session of a project that forbids outside models is not shown to one.',
  })
  @ApiOkResponse({ standardSchema: chatAnswerSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({
    standardSchema: problemSchema,
    description: 'The project or incident is none of the caller’s.',
  })
  async ask(
    @Caller() caller: ApiKey,
    @Body({ schema: chatBodySchema }) { question, project, incident, ...body }: ChatBody,
  ): Promise<ChatAnswerView> {
    if (project !== undefined) {
      assertMayChange(caller, project);
      if ((await this.projects.find(project)) === null) throw new ProjectNotFound(project);
    }
    const sessionId = body.sessionId ?? null;
    const about = incident === undefined ? null : await this.incidents.get(caller, incident);
    const history = await this.sessions.history(caller, sessionId);
    const answered = await this.answer.run({
      text: question,
      projectIds: project !== undefined ? [project] : about ? [about.projectId] : caller.projectIds,
      visibleProjectIds: caller.projectIds,
      incidentId: about?.id ?? null,
      sessionId,
      history,
    });
    const { projectIds } = answered;
    await this.sessions.remember(caller, sessionId, [
      ...history,
      { role: 'person', text: this.redactor.redact(question), projectIds },
      { role: 'assistant', text: answered.text, projectIds },
    ]);
    return { answer: answered.text, sessionId, ...presentAnswer(answered) };
  }
}
