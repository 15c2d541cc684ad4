import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedRequest } from '../auth/api-key.guard.js';
import { RequestLimits } from './request-limits.js';

/**
 * Limits what each API key asks. Runs after the key was checked: what needs no key (health, figures, signed webhooks)
 * is never refused for its rate.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limits: RequestLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    if (request.apiKey)
      await this.limits.takeForKey(request.apiKey.id, request, http.getResponse<FastifyReply>());
    return true;
  }
}
