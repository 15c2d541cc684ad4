import type { Config } from '@app/config';
import type { Log } from '@app/domain';
import type { Metrics } from '@app/telemetry';
import multipart from '@fastify/multipart';
import { StandardSchemaValidationPipe, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { addBodyLimits } from './http/body-limits.js';
import { addBodyParsers } from './http/body-parsers.js';
import { requestIdOf, addRequestHooks } from './http/request-hooks.js';
import { API_PREFIX } from './http/paths.js';
import { ProblemFilter } from './http/problem.filter.js';

export interface ApiTools {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The HTTP application over `module`, not yet listening. */
export async function createApi(
  module: DynamicModule,
  { config, log, metrics }: ApiTools,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: config.http.bodyLimitBytes,
    genReqId: ({ headers }: { headers: Record<string, string | string[] | undefined> }) =>
      requestIdOf(headers),
    trustProxy: false,
    forceCloseConnections: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  const fastify = adapter.getInstance();
  addRequestHooks(fastify, metrics);
  addBodyLimits(fastify, config);
  addBodyParsers(fastify);
  await app.register(multipart as never);

  app.setGlobalPrefix(API_PREFIX, { exclude: ['health/live', 'health/ready', 'metrics'] });
  app.useGlobalPipes(new StandardSchemaValidationPipe());
  app.useGlobalFilters(new ProblemFilter(log));
  describeApi(app);
  return app;
}

function describeApi(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('devflowfix')
    .setDescription(
      'Failed CI runs in, diagnosed incidents out. Errors are application/problem+json with a stable code. What is answered from the cache, or will be, says so in X-Cache and carries an ETag: with If-None-Match an answer that is still the same is a 304 without a body.',
    )
    .setVersion('1')
    .addGlobalResponse({
      status: 429,
      description:
        'The caller asks too often; Retry-After says when to come back, X-RateLimit-Limit, -Remaining and -Reset what is left.',
    })
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: npm run cli -- keys create' })
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'docs/openapi.json',
  });
}
