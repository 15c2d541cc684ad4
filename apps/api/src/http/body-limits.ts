import type { Config } from '@app/config';
import type { FastifyInstance } from 'fastify';
import { PayloadTooLarge } from './payload-too-large.js';
import { DOCUMENT_UPLOAD_PATH, LOG_UPLOAD_PATH, WEBHOOK_PATH } from './paths.js';

/** What a form or JSON adds to the document in it: fields, boundaries, escapes. */
const AROUND_A_DOCUMENT_BYTES = 1_048_576;

/**
 * Gives each route the body limit that the configuration names for it, as Fastify's own `bodyLimit`: it counts while
 * JSON comes in, announced length or not. A length that is announced and too large is refused before anything is read,
 * whatever the content type. Must be called before the routes are registered.
 */
export function addBodyLimits(fastify: FastifyInstance, { http, knowledge }: Config): void {
  const limits: Readonly<Record<string, number>> = {
    [WEBHOOK_PATH]: http.webhookMaxBytes,
    [LOG_UPLOAD_PATH]: http.manualLogLimitBytes,
    [DOCUMENT_UPLOAD_PATH]: knowledge.maxBytes + AROUND_A_DOCUMENT_BYTES,
  };
  fastify.addHook('onRoute', (route) => {
    route.bodyLimit = limits[route.url] ?? http.bodyLimitBytes;
  });
  fastify.addHook('onRequest', (request, _reply, next) => {
    const limit = request.routeOptions.bodyLimit;
    if (limit !== undefined && Number(request.headers['content-length'] ?? 0) > limit)
      next(new PayloadTooLarge(limit));
    else next();
  });
}
