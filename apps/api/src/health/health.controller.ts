import { HealthChecks } from '@app/composition';
import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from '@app/telemetry';
import { Public, PublicOnLoopback, RequireRole } from '../auth/api-key.guard.js';
import { problemSchema } from '../http/problem.js';
import { livenessSchema, readinessSchema, type Readiness } from './readiness.schema.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    private readonly checks: HealthChecks,
    private readonly metrics: Metrics,
  ) {}

  @Public()
  @Get('health/live')
  @ApiOperation({ summary: 'The process runs.' })
  @ApiOkResponse({ standardSchema: livenessSchema })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Public()
  @Get('health/ready')
  @ApiOperation({ summary: 'Whether work can be taken; each part with its state and latency.' })
  @ApiOkResponse({ standardSchema: readinessSchema })
  @ApiServiceUnavailableResponse({ standardSchema: readinessSchema })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.checks.run();
    void reply.status(readiness.status === 'down' ? 503 : 200);
    return readiness;
  }

  @PublicOnLoopback()
  @RequireRole('viewer')
  @ApiBearerAuth()
  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({
    summary: 'Prometheus figures.',
    description: 'Needs an API key unless the server listens on a loopback address.',
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiUnauthorizedResponse({ standardSchema: problemSchema })
  async figures(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
