import { ChannelRepository, type ApiKey } from '@app/domain';
import { Converse } from '@app/pipeline';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { assertMayChange } from '../auth/project-scope.js';
import { noQuerySchema } from '../http/no-query.schema.js';
import { pageQuerySchema, type PageQuery } from '../http/page-query.schema.js';
import { problemSchema } from '../http/problem.js';
import { IncidentReader } from '../incidents/incident-reader.js';
import { ChannelReader } from './channel-reader.js';
import {
  channelPageSchema,
  channelSchema,
  clearedSchema,
  messagePageSchema,
  newChannelSchema,
  newMessageSchema,
  presentChannel,
  presentMessage,
  saidSchema,
  type ChannelPageView,
  type ChannelView,
  type MessagePageView,
  type NewChannelBody,
  type NewMessageBody,
  type SaidView,
} from './channel.schemas.js';

@ApiTags('channels')
@ApiBearerAuth()
@ApiNotFoundResponse({ standardSchema: problemSchema })
@Controller('channels')
export class ChannelsController {
  constructor(
    private readonly reader: ChannelReader,
    private readonly channels: ChannelRepository,
    private readonly converse: Converse,
    private readonly incidents: IncidentReader,
  ) {}

  @Get()
  @RequireRole('viewer')
  @ApiOperation({ summary: 'Conversations, newest first.' })
  @ApiOkResponse({ standardSchema: channelPageSchema })
  async list(
    @Caller() caller: ApiKey,
    @Query({ schema: pageQuerySchema }) { limit, cursor }: PageQuery,
  ): Promise<ChannelPageView> {
    const page = await this.reader.list(caller, limit, cursor ?? null);
    const items = page.items.map(async (channel) =>
      presentChannel(channel, await this.reader.count(channel.id)),
    );
    return { items: await Promise.all(items), nextCursor: page.nextCursor };
  }

  @Get(':id')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'A conversation.' })
  @ApiOkResponse({ standardSchema: channelSchema })
  async one(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: noQuerySchema }) _query: object,
  ): Promise<ChannelView> {
    const channel = await this.reader.get(caller, id);
    return presentChannel(channel, await this.reader.count(id));
  }

  @Get(':id/messages')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'What was said, newest first.' })
  @ApiOkResponse({ standardSchema: messagePageSchema })
  async messages(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: pageQuerySchema }) { limit, cursor }: PageQuery,
  ): Promise<MessagePageView> {
    await this.reader.get(caller, id);
    const page = await this.channels.messages(id, limit, cursor ?? null);
    return { items: page.items.map(presentMessage), nextCursor: page.nextCursor };
  }

  @Post()
  @RequireRole('operator')
  @ApiOperation({ summary: 'Opens a conversation, about an incident, a project or everything.' })
  @ApiCreatedResponse({ standardSchema: channelSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  async open(
    @Caller() caller: ApiKey,
    @Body({ schema: newChannelSchema }) { title, project, incident }: NewChannelBody,
  ): Promise<ChannelView> {
    const about = incident === undefined ? null : await this.incidents.get(caller, incident);
    const projectId = about?.projectId ?? project ?? null;
    assertMayChange(caller, projectId);
    const channel = await this.converse.open({
      title,
      projectId,
      incidentId: about?.id ?? null,
      createdBy: caller.name,
    });
    return presentChannel(channel, 0);
  }

  @Post(':id/messages')
  @RequireRole('operator')
  @ApiOperation({ summary: 'Says something; the assistant answers from incidents and runbooks.' })
  @ApiCreatedResponse({ standardSchema: saidSchema })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  async say(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: newMessageSchema }) { text }: NewMessageBody,
  ): Promise<SaidView> {
    const channel = await this.reader.get(caller, id);
    const { message, reply } = await this.converse.say(channel, caller.name, text);
    return { message: presentMessage(message), reply: presentMessage(reply) };
  }

  @Post(':id/clear')
  @HttpCode(200)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Removes everything that was said.' })
  @ApiOkResponse({ standardSchema: clearedSchema })
  async clear(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
  ): Promise<{ removed: number }> {
    await this.reader.get(caller, id);
    return { removed: await this.converse.clear(id) };
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireRole('operator')
  @ApiOperation({ summary: 'Removes a conversation with everything that was said.' })
  @ApiNoContentResponse()
  async remove(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    await this.reader.get(caller, id);
    await this.converse.close(id);
  }
}
