import { createHash } from 'node:crypto';
import { RequestCacheOutcome } from '@app/cache';
import { RequestQueryStats } from '@app/persistence';
import type { Metrics } from '@app/telemetry';
import type { FastifyInstance } from 'fastify';

const REQUEST_ID = /^[\w.-]{8,64}$/;

/** A caller's own request id is kept when it is harmless, so that its logs and ours can be joined. */
export function requestIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : crypto.randomUUID();
}

/** Whether an `If-None-Match` names the tag; comparison is weak, as RFC 9110 has it for GET. */
function namesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => [etag, '*'].includes(each.trim().replace(/^W\//, '')));
}

/**
 * What every answer carries: request id, process time, query count and time; a cached read: how it was answered, and a tag
 * by which a caller who has the answer already is told so (304).
 */
export function addRequestHooks(fastify: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from request to answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });

  fastify.addHook('onRequest', (_request, _reply, next) =>
    RequestQueryStats.run(() => RequestCacheOutcome.run(next)),
  );
  fastify.addHook('onSend', (request, reply, payload, next) => {
    const stats = RequestQueryStats.current();
    void reply.headers({
      'X-Request-Id': request.id,
      'X-Process-Time': reply.elapsedTime.toFixed(1),
      'X-Query-Count': String(stats?.count ?? 0),
      'X-Query-Time': (stats?.ms ?? 0).toFixed(1),
    });
    const cached = RequestCacheOutcome.current();
    if (cached === null) return next(null, payload);
    void reply.header('X-Cache', cached.toUpperCase());
    if (reply.statusCode !== 200 || request.method !== 'GET' || typeof payload !== 'string')
      return next(null, payload);
    const etag = `"${createHash('sha1').update(payload).digest('base64url')}"`;
    void reply.headers({ ETag: etag, 'Cache-Control': 'private, no-cache' });
    if (!namesTag(request.headers['if-none-match'], etag)) return next(null, payload);
    void reply.code(304).removeHeader('Content-Type').removeHeader('Content-Length');
    next(null, null);
  });
  fastify.addHook('onResponse', (request, reply, next) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: String(reply.statusCode),
    };
    duration.observe(labels, reply.elapsedTime / 1_000);
    next();
  });
}
