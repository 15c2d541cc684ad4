import { AddressList } from '@app/cache';
import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { RateLimiter, type RateLimit } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TooManyRequests } from './too-many-requests.js';

/** The longest that a repeat offender waits, in windows. */
const LONGEST_PENALTY_WINDOWS = 32;

/** How many requests one caller may make: an API key where there is one, otherwise a network address. */
@Injectable()
export class RequestLimits {
  private readonly enabled: boolean;
  private readonly rule: RateLimit;
  private readonly exempt: AddressList;
  private readonly refusedTotal;

  constructor(
    @Inject(CONFIG) { rateLimit }: Config,
    private readonly limiter: RateLimiter,
    metrics: Metrics,
  ) {
    const { enabled, requests, windowMs, exempt } = rateLimit;
    this.enabled = enabled;
    this.exempt = new AddressList(exempt);
    this.rule = {
      algorithm: 'sliding_window',
      limit: requests,
      windowMs,
      penalty: { firstMs: windowMs, maxMs: LONGEST_PENALTY_WINDOWS * windowMs },
    };
    this.refusedTotal = metrics.counter({
      name: 'http_rate_limited_total',
      help: 'Requests that were refused for their rate.',
      labelNames: ['caller'],
    });
  }

  /** @throws TooManyRequests */
  takeForKey(apiKeyId: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.take('key', apiKeyId, request, reply);
  }

  /**
   * For requests that could not prove who they come from: it isn't cheap to find that out again and again.
   * @throws TooManyRequests
   */
  takeForAddress(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.take('address', request.ip, request, reply);
  }

  /** Says in the answer's headers what is left: `X-RateLimit-Reset` is the second since 1970 at which all of it is free again. */
  private async take(
    caller: 'key' | 'address',
    id: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (!this.enabled || this.exempt.has(request.ip)) return;
    const decision = await this.limiter.consume(`${caller}:${id}`, this.rule);
    void reply.headers({
      'X-RateLimit-Limit': String(decision.limit),
      'X-RateLimit-Remaining': String(decision.remaining),
      'X-RateLimit-Reset': String(Math.ceil(Date.now() / 1_000) + decision.resetInSeconds),
    });
    if (decision.allowed) return;
    this.refusedTotal.inc({ caller });
    void reply.header('Retry-After', String(Math.ceil(decision.retryAfterMs / 1_000)));
    throw new TooManyRequests(decision);
  }
}
