import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../core/errors.js';
import { isUnexpected, logFailure, toAppError, type FailureLog } from '../core/failure.js';
import { PROBLEM_CONTENT_TYPE } from '@keywright/schema/verdict-http';
import { problemOf, type Problem } from '../core/problem.js';

/** Answers with a problem (RFC 9457). */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfter !== undefined) reply.header('retry-after', String(problem.retryAfter));
  return reply
    .code(problem.status)
    .type(PROBLEM_CONTENT_TYPE)
    .header('cache-control', 'no-store')
    .send(problem);
}

/** Whether the framework rejected the request: body too large, not JSON, or of another type. */
export const isClientFault = (error: unknown): boolean =>
  error instanceof Error &&
  !(error instanceof AppError) &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  error.statusCode >= 400 &&
  error.statusCode < 500;

/** The problem for anything thrown; logs unexpected errors with their cause. */
export function problemOfError(error: unknown, requestId: string, log: FailureLog): Problem {
  if (isClientFault(error)) return problemOf(error, requestId);
  const appError = toAppError(error);
  if (isUnexpected(appError)) logFailure(log, appError, 'request failed', { requestId });
  return problemOf(appError, requestId);
}

/** The problem for an error of a request. */
export const problemFor = (error: unknown, request: FastifyRequest): Problem =>
  problemOfError(error, request.id, request.log);

const METHOD_NOT_ALLOWED: Pick<Problem, 'type' | 'title' | 'status' | 'code'> = {
  type: 'urn:problem-type:keywright:method-not-allowed',
  title: 'Method Not Allowed',
  status: 405,
  code: 'BAD_USER_INPUT',
};

/** Answers every error outside GraphQL, including unknown paths and wrong methods, with a problem. */
export function answerFailures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendProblem(reply, problemFor(error, request)));
  app.setNotFoundHandler((request, reply) => {
    const methods = app.routeTable.methodsOf(request.url.split('?')[0]!);
    if (methods.length === 0 || methods.includes(request.method)) {
      return sendProblem(
        reply,
        problemOf(new AppError('NOT_FOUND', 'This path does not exist.'), request.id),
      );
    }
    reply.header('allow', methods.join(', '));
    const detail = `${request.method} is not allowed here; use ${methods.join(' or ')}.`;
    return sendProblem(reply, { ...METHOD_NOT_ALLOWED, detail, requestId: request.id });
  });
}
