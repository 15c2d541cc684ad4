import { STATUS_CODES } from 'node:http';
import { DomainError, ExternalFailure, type Log } from '@app/domain';
import { redactText } from '@app/log-analysis';
import { Catch, HttpException, HttpStatus, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PayloadTooLarge } from './payload-too-large.js';
import { PROBLEM_CONTENT_TYPE, type Problem } from './problem.js';

/** HTTP status of each domain code; what is not here is an outside system's fault (`outsideStatus`), or the server's. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  incident_not_found: 404,
  project_not_found: 404,
  delivery_not_found: 404,
  delivery_not_replayable: 409,
  workflow_not_found: 404,
  illegal_workflow_move: 409,
  workflow_active: 409,
  not_remediable: 409,
  refused_by_policy: 409,
  agent_not_found: 404,
  pattern_not_found: 404,
  invalid_input: 400,
  document_not_found: 404,
  job_not_found: 404,
  channel_not_found: 404,
  unreadable_log: 422,
  unreadable_document: 422,
  refused_url: 422,
  unsupported_document_type: 415,
  url_unavailable: 502,
  reader_busy: 503,
  secret_key_missing: 409,
  public_url_missing: 409,
  github_app_configured: 409,
  setup_link_unknown: 404,
  setup_link_expired: 410,
  setup_link_used: 409,
  setup_other_browser: 403,
  github_app_code_refused: 410,
  github_unavailable: 502,
  github_rate_limited: 503,
  // The caller named a repository that there isn't, or that was not granted to us.
  github_not_found: 422,
  github_not_installed: 422,
  github_forbidden: 422,
  github_log_gone: 422,
  job_in_wrong_state: 409,
  illegal_transition: 409,
  claim_lost: 409,
  payload_too_large: 413,
  too_many_requests: 429,
  database_away: 503,
  queue_away: 503,
};
const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};
const RETRY_AFTER_SECONDS = 5;

/** The one place where errors become answers. What a client can't act on is logged, not shown. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.problemOf(error, request);
    if (problem.status === 503) void reply.header('Retry-After', String(retryAfterSeconds(error)));
    if (problem.status === 401) void reply.header('WWW-Authenticate', 'Bearer');
    void reply.status(problem.status).type(PROBLEM_CONTENT_TYPE).send(problem);
  }

  /** What a client is told; what is ours to mend goes into the log. */
  problemOf(thrown: unknown, request: FastifyRequest): Problem {
    const error = isBodyTooLarge(thrown) ? tooLarge(request) : thrown;
    const make = (status: number, code: string, detail: string, errors?: string[]): Problem => ({
      type: `urn:devflowfix:problem:${code}`,
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      code,
      requestId: request.id,
      ...(errors ? { errors } : {}),
    });
    if (error instanceof DomainError) {
      const isOutside = error instanceof ExternalFailure;
      const status = STATUS_OF_CODE[error.code] ?? (isOutside ? outsideStatus(error) : 500);
      if (status >= 500) this.report(error, request, status);
      // A domain error's words are written for the client; an outside system's may hold a secret.
      return make(status, error.code, isOutside ? redactText(error.message).text : error.message);
    }
    const status = statusOf(error);
    if (status < 500) {
      const { detail, errors } = clientMessage(error);
      return make(status, CODE_OF_STATUS[status] ?? 'invalid_request', detail, errors);
    }
    this.report(error, request, status);
    return make(500, 'internal_error', UNEXPECTED);
  }

  private report(error: unknown, request: FastifyRequest, status: number): void {
    this.log.error(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions?.url,
        status,
        error: error instanceof Error ? error.message : String(error),
        stack: error instanceof Error ? error.stack : undefined,
        cause: error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined,
      },
      'request_failed',
    );
  }
}

/** Somebody we depend on is away for now (503), or refuses us or can't be understood (502). */
function outsideStatus({ retryable }: ExternalFailure): number {
  return retryable ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.BAD_GATEWAY;
}

function retryAfterSeconds(error: unknown): number {
  const named = error instanceof ExternalFailure ? error.retryAfterMs : undefined;
  return named === undefined ? RETRY_AFTER_SECONDS : Math.max(1, Math.ceil(named / 1_000));
}

const UNEXPECTED = 'Something went wrong on our side. The log has the details under this requestId.';

/** Fastify's own refusal of a body that outgrew the route's limit while it came in. It doesn't name the limit. */
function isBodyTooLarge(error: unknown): boolean {
  return !(error instanceof DomainError) && statusOf(error) === HttpStatus.PAYLOAD_TOO_LARGE;
}

function tooLarge(request: FastifyRequest): PayloadTooLarge {
  return new PayloadTooLarge(request.routeOptions.bodyLimit ?? 0);
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's own errors (body too large, malformed JSON, wrong content type) carry a statusCode.
  const statusCode = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof statusCode === 'number' ? statusCode : 500;
}

function clientMessage(error: unknown): { detail: string; errors?: string[] } {
  if (!(error instanceof HttpException)) return { detail: (error as Error).message };
  const response = error.getResponse();
  const message = typeof response === 'string' ? response : (response as { message?: unknown }).message;
  if (Array.isArray(message)) return { detail: message.join('; '), errors: message.map(String) };
  return { detail: typeof message === 'string' ? message : error.message };
}
