import type { ApiKey } from '@app/domain';
import { AgentDirectory } from '@app/llm';
import { Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
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
import { problemSchema } from '../http/problem.js';
import {
  agentListSchema,
  agentSchema,
  presentAgent,
  versionSchema,
  type AgentView,
} from './agent.schemas.js';

@ApiTags('agents')
@ApiBearerAuth()
@ApiNotFoundResponse({ standardSchema: problemSchema })
@Controller('agents')
export class AgentsController {
  constructor(private readonly agents: AgentDirectory) {}

  @Get()
  @RequireRole('viewer')
  @ApiOperation({ summary: "The model's five roles: who plays them, with which prompt, and whether." })
  @ApiOkResponse({ standardSchema: agentListSchema })
  async list(): Promise<{ items: AgentView[] }> {
    return { items: (await this.agents.list()).map(presentAgent) };
  }

  @Get('name/:name')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'A role by its name, for example root-cause-analyst.' })
  @ApiOkResponse({ standardSchema: agentSchema })
  async byName(@Param('name') name: string): Promise<AgentView> {
    return presentAgent(await this.agents.getByName(name));
  }

  @Get(':id')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'A role.' })
  @ApiOkResponse({ standardSchema: agentSchema })
  async detail(@Param('id') id: string): Promise<AgentView> {
    return presentAgent(await this.agents.get(id));
  }

  @Patch(':id/activate')
  @RequireRole('admin')
  @ApiOperation({ summary: 'The role is played by its model again, in every process within two seconds.' })
  @ApiOkResponse({ standardSchema: agentSchema })
  async activate(@Caller() caller: ApiKey, @Param('id') id: string): Promise<AgentView> {
    return presentAgent(await this.agents.setActive(id, true, caller.name));
  }

  @Patch(':id/deactivate')
  @RequireRole('admin')
  @ApiOperation({ summary: "The role's step is answered by the rules, which the diagnosis says." })
  @ApiOkResponse({ standardSchema: agentSchema })
  async deactivate(@Caller() caller: ApiKey, @Param('id') id: string): Promise<AgentView> {
    return presentAgent(await this.agents.setActive(id, false, caller.name));
  }

  @Post(':id/versions/:version/promote')
  @HttpCode(200)
  @RequireRole('admin')
  @ApiOperation({
    summary: "Another version of the role's prompt; what was answered with the old one is not reused.",
  })
  @ApiOkResponse({ standardSchema: agentSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  async promote(
    @Caller() caller: ApiKey,
    @Param('id') id: string,
    @Param('version', { schema: versionSchema }) version: string,
  ): Promise<AgentView> {
    return presentAgent(await this.agents.promote(id, version, caller.name));
  }
}
