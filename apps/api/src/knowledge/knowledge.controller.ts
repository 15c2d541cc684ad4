import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { Cache, DocumentNotFound, KnowledgeRepository, type AddedDocument, type ApiKey } from '@app/domain';
import { forgetSearches, IngestDocument } from '@app/knowledge';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadGatewayResponse,
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiPayloadTooLargeResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
  ApiUnsupportedMediaTypeResponse,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { assertMayChange, maySee } from '../auth/project-scope.js';
import { pageQuerySchema, type PageQuery } from '../http/page-query.schema.js';
import { problemSchema } from '../http/problem.js';
import { readDocumentUpload } from './document-upload.js';
import {
  addedDocumentSchema,
  documentBodySchema,
  documentPageSchema,
  presentAdded,
  presentDocument,
  urlBodySchema,
  type AddedDocumentView,
  type DocumentPageView,
  type UrlBody,
} from './knowledge.schemas.js';

const BUSY =
  'Too many other documents are being read (`reader_busy`); Retry-After says when to send this one again.';
const DUPLICATE = 'The same content was there already; nothing was stored.';

@ApiTags('knowledge')
@ApiBearerAuth()
@Controller('knowledge')
export class KnowledgeController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly knowledge: KnowledgeRepository,
    private readonly ingest: IngestDocument,
    private readonly cache: Cache,
  ) {}

  @Get('documents')
  @RequireRole('viewer')
  @ApiOperation({ summary: 'Documents of the caller’s projects and those for every project, newest first.' })
  @ApiOkResponse({ standardSchema: documentPageSchema })
  async list(
    @Caller() { projectIds }: ApiKey,
    @Query({ schema: pageQuerySchema }) { limit, cursor }: PageQuery,
  ): Promise<DocumentPageView> {
    const page = await this.knowledge.list(projectIds, limit, cursor ?? null);
    return { items: page.items.map(presentDocument), nextCursor: page.nextCursor };
  }

  @Post('documents')
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Takes in a runbook: Markdown, plain text, HTML or PDF.',
    description: 'It is read and redacted at once; a background job makes it findable by meaning.',
  })
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiBody({ schema: z.toJSONSchema(documentBodySchema, { target: 'openapi-3.0', io: 'input' }) as object })
  @ApiAcceptedResponse({ standardSchema: addedDocumentSchema })
  @ApiOkResponse({ standardSchema: addedDocumentSchema, description: DUPLICATE })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({
    standardSchema: problemSchema,
    description: 'The project is none of the API key’s.',
  })
  @ApiPayloadTooLargeResponse({ standardSchema: problemSchema })
  @ApiUnsupportedMediaTypeResponse({ standardSchema: problemSchema })
  @ApiUnprocessableEntityResponse({
    standardSchema: problemSchema,
    description: 'It is empty or broken, or reading it takes more pages, time or memory than it may.',
  })
  @ApiServiceUnavailableResponse({ standardSchema: problemSchema, description: BUSY })
  async upload(
    @Caller() caller: ApiKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AddedDocumentView> {
    const document = await readDocumentUpload(request, this.config.knowledge.maxBytes);
    assertMayChange(caller, document.projectId);
    return answer(await this.ingest.upload(document), reply);
  }

  @Post('urls')
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Fetches a runbook from an address on the internet and takes it in.',
    description: 'When its content has changed since, the new one takes the place of the old one.',
  })
  @ApiAcceptedResponse({ standardSchema: addedDocumentSchema })
  @ApiOkResponse({ standardSchema: addedDocumentSchema, description: DUPLICATE })
  @ApiBadRequestResponse({ standardSchema: problemSchema })
  @ApiNotFoundResponse({
    standardSchema: problemSchema,
    description: 'The project is none of the API key’s.',
  })
  @ApiUnprocessableEntityResponse({
    standardSchema: problemSchema,
    description:
      'The address, or one that it redirects to, lies inside a network; or the document can’t be read.',
  })
  @ApiBadGatewayResponse({ standardSchema: problemSchema, description: 'The address gives no document now.' })
  @ApiServiceUnavailableResponse({ standardSchema: problemSchema, description: BUSY })
  async link(
    @Caller() caller: ApiKey,
    @Body({ schema: urlBodySchema }) { url, title, project }: UrlBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AddedDocumentView> {
    const projectId = project ?? null;
    assertMayChange(caller, projectId);
    return answer(await this.ingest.fromUrl({ url, title: title ?? null, projectId }), reply);
  }

  @Delete('documents/:id')
  @HttpCode(204)
  @RequireRole('operator')
  @ApiOperation({
    summary: 'Removes a document with its passages, its jobs and what searches remember of it.',
  })
  @ApiNoContentResponse()
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async remove(@Caller() caller: ApiKey, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    const document = await this.knowledge.find(id);
    if (!document || !maySee(caller, document.projectId)) throw new DocumentNotFound(id);
    assertMayChange(caller, document.projectId);
    await this.knowledge.delete(id);
    await forgetSearches(this.cache);
  }
}

function answer(added: AddedDocument, reply: FastifyReply): AddedDocumentView {
  void reply.status(added.job === null ? 200 : 202);
  return presentAdded(added);
}
