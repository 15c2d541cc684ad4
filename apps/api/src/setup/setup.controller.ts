import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import type { ApiKey } from '@app/domain';
import { AppSetupLinks, SetUpGithubApp, webAddressOf } from '@app/github';
import {
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseFilters,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiForbiddenResponse,
  ApiConflictResponse,
  ApiFoundResponse,
  ApiGoneResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public, RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { assertMayChange } from '../auth/project-scope.js';
import { problemSchema } from '../http/problem.js';
import { RequestLimits } from '../rate-limit/request-limits.js';
import { htmlHeaders } from './html-page.js';
import { browserCookie, browserOf } from './setup-cookie.js';
import { createdPage, setupPage } from './setup-pages.js';
import { SetupProblemFilter } from './setup-problem.filter.js';
import {
  setupAnswerQuery,
  setupLinkSchema,
  setupPageQuery,
  type SetupAnswerQuery,
  type SetupLinkAnswer,
  type SetupPageQuery,
} from './setup.schemas.js';

const HTML = { content: { 'text/html': { schema: { type: 'string' as const } } } };

/** The set-up of the GitHub App from a manifest: a link for a browser, its page, and GitHub's way back. */
@ApiTags('setup')
@UseFilters(SetupProblemFilter)
@Controller('setup/github-app')
export class SetupController {
  constructor(
    private readonly links: AppSetupLinks,
    private readonly setUp: SetUpGithubApp,
    private readonly limits: RequestLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @RequireRole('admin')
  @ApiOperation({
    summary: 'Begins a set-up of the GitHub App: a link for a browser, good for 15 minutes and one use.',
  })
  @ApiCreatedResponse({ standardSchema: setupLinkSchema })
  @ApiConflictResponse({
    standardSchema: problemSchema,
    description: 'There is an App already, PUBLIC_URL is not set, or no key to seal its secrets with.',
  })
  async begin(@Caller() caller: ApiKey): Promise<SetupLinkAnswer> {
    assertMayChange(caller, null);
    const { url, expiresAt } = await this.links.begin(caller.name);
    return { url, expiresAt: expiresAt.toISOString() };
  }

  @Get()
  @RequireRole('admin')
  @ApiOperation({ summary: 'The same, and leads there at once.' })
  @ApiFoundResponse({ description: 'To the page of a new link.' })
  @ApiConflictResponse({ standardSchema: problemSchema })
  async go(@Caller() caller: ApiKey, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { url } = await this.begin(caller);
    void reply.status(302).header('location', url).header('cache-control', 'no-store');
  }

  @Get('callback')
  @Public()
  @ApiOperation({ summary: 'Where GitHub sends the browser back to, with the App that was made.' })
  @ApiOkResponse({ description: 'The App is kept, and used from now on.', ...HTML })
  @ApiForbiddenResponse({
    standardSchema: problemSchema,
    description: 'Not the browser that opened the link.',
  })
  @ApiNotFoundResponse({ standardSchema: problemSchema, description: 'The state is none of this product.' })
  @ApiConflictResponse({
    standardSchema: problemSchema,
    description: 'It was used, or there is an App already.',
  })
  @ApiGoneResponse({ standardSchema: problemSchema, description: 'The set-up or GitHub’s code has ended.' })
  async callback(
    @Query({ schema: setupAnswerQuery }) { code, state }: SetupAnswerQuery,
    @Headers('cookie') cookies: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.limits.takeForAddress(request, reply);
    const created = await this.setUp.finish({ state, code, browser: browserOf(cookies) });
    void reply.headers(htmlHeaders());
    return createdPage(created);
  }

  @Get(':ticket')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: 'The page of a link, which hands the App’s manifest over to GitHub.' })
  @ApiOkResponse(HTML)
  @ApiForbiddenResponse({ standardSchema: problemSchema, description: 'Another browser has the link.' })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema })
  @ApiGoneResponse({ standardSchema: problemSchema })
  async page(
    @Param('ticket') ticket: string,
    @Query({ schema: setupPageQuery }) query: SetupPageQuery,
    @Headers('cookie') cookies: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    await this.limits.takeForAddress(request, reply);
    const opened = await this.setUp.open(ticket, browserOf(cookies));
    const isHttps = this.config.http.publicUrl?.startsWith('https:') ?? false;
    void reply
      .headers(htmlHeaders([webAddressOf(this.config.github.apiUrl)]))
      .header('set-cookie', browserCookie(opened.browser, isHttps));
    return setupPage(opened, query);
  }
}
