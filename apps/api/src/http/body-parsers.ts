import type { Readable } from 'node:stream';
import { FORM_CONTENT_TYPE } from '@app/github';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { WEBHOOK_PATH } from './paths.js';

/**
 * How bodies reach their handlers. JSON is parsed, held to the route's `bodyLimit` while it comes in; except a webhook's,
 * which stays a Buffer, because its bytes are to be proven before anything reads them. Plain text and bytes are streamed:
 * whoever reads them counts.
 */
export function addBodyParsers(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.url === WEBHOOK_PATH) done(null, body);
    else void parseJson(request, body.toString('utf8'), done);
  });
  fastify.addContentTypeParser<Buffer>(FORM_CONTENT_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.url === WEBHOOK_PATH) done(null, body);
    else done(new UnsupportedMediaTypeException('Forms are taken from GitHub’s webhooks alone.'));
  });
  fastify.addContentTypeParser(
    ['text/plain', 'application/octet-stream'],
    (_request: unknown, payload: Readable, done: (error: null, body: Readable) => void) =>
      done(null, payload),
  );
}
