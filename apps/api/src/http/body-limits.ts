import type { Config } from '@app/config';
import type { FastifyInstance } from 'fastify';
import { PayloadTooLarge } from './payload-too-large.js';
import { LOG_UPLOAD_PATH, WEBHOOK_PATH } from './paths.js';

/**
 * Gives each route the body limit that the configuration names for it, as Fastify's own `bodyLimit`: it counts while
 * JSON comes in, announced length or not. A length that is announced and too large is refused before anything is read,
 * whatever the content type. Must be called before the routes are registered.
 */
export function addBodyLimits(fastify: FastifyInstance, { http }: Config): void {
  const limits: Readonly<Record<string, number>> = {
    [WEBHOOK_PATH]: http.webhookMaxBytes,
    [LOG_UPLOAD_PATH]: http.manualLogLimitBytes,
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
