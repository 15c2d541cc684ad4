import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { ROLES, type ApiKey, type Role } from '@app/domain';
import {
  Inject,
  Injectable,
  SetMetadata,
  UnauthorizedException,
  ForbiddenException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { hashApiKey } from '@app/pipeline';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isLoopbackHost } from '../http/loopback.js';
import { RequestLimits } from '../rate-limit/request-limits.js';
import { RecentKeys } from './recent-keys.js';

const REQUIRED_ROLE = 'required_role';
const PUBLIC = 'public';
type Publicity = 'always' | 'on_loopback';

/** The least role a handler asks for; without it a handler needs `admin`. */
export const RequireRole = (role: Role) => SetMetadata(REQUIRED_ROLE, role);
/** For handlers that prove their caller otherwise (webhook signature) or show nothing (health). */
export const Public = () => SetMetadata<string, Publicity>(PUBLIC, 'always');
/** For handlers that need no key as long as only this machine can reach the server. */
export const PublicOnLoopback = () => SetMetadata<string, Publicity>(PUBLIC, 'on_loopback');

/** Requests that passed the guard carry the key they came with. */
export interface AuthenticatedRequest extends FastifyRequest {
  apiKey?: ApiKey;
}

/** `Authorization: Bearer <api key>` against the stored hashes. Failed tries count for their address. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly keys: RecentKeys,
    private readonly reflector: Reflector,
    private readonly limits: RequestLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    const publicity = this.reflector.getAllAndOverride<Publicity | undefined>(PUBLIC, targets);
    if (publicity === 'always') return true;
    if (publicity === 'on_loopback' && isLoopbackHost(this.config.http.host)) return true;

    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const [scheme, key] = (request.headers.authorization ?? '').split(' ', 2);
    if (scheme?.toLowerCase() !== 'bearer' || !key) {
      await this.limits.takeForAddress(request, reply);
      throw new UnauthorizedException(
        'No API key was given; send “Authorization: Bearer <api key>”. `npm run cli -- keys create` makes one.',
      );
    }
    const found = await this.keys.find(hashApiKey(key));
    if (!found) {
      await this.limits.takeForAddress(request, reply);
      throw new UnauthorizedException('The API key is unknown or revoked.');
    }

    const needed = this.reflector.getAllAndOverride<Role | undefined>(REQUIRED_ROLE, targets) ?? 'admin';
    if (ROLES.indexOf(found.role) < ROLES.indexOf(needed)) {
      throw new ForbiddenException(
        `This needs the role ${needed}; the API key “${found.name}” has ${found.role}.`,
      );
    }
    request.apiKey = found;
    return true;
  }
}
