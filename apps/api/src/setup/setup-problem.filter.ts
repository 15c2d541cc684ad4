import { Log } from '@app/domain';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemFilter } from '../http/problem.filter.js';
import { htmlHeaders } from './html-page.js';
import { problemPage } from './setup-pages.js';

/** Errors as a page for browsers, and as problem+json for everybody else. */
@Catch()
export class SetupProblemFilter implements ExceptionFilter {
  private readonly problems: ProblemFilter;

  constructor(log: Log) {
    this.problems = new ProblemFilter(log);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    if (!request.headers.accept?.includes('text/html')) return this.problems.catch(error, host);
    const problem = this.problems.problemOf(error, request);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    void reply.status(problem.status).headers(htmlHeaders()).send(problemPage(problem));
  }
}
