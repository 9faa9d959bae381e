import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newId } from '../../core/id.js';
import { PROBLEM_CONTENT_TYPE, problemOfVerdict } from '../../core/problem.js';
import type { AccessSet } from '../access/access-set.js';
import { headersOf, verdictHeaders } from './refusal.js';
import type { VerificationService } from './verification-service.js';
import { answerOf, type VerifyAnswer } from './verify-answer.js';
import { readBatchBody, readVerifyBody, type VerifyQuestion } from './verify-input.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the caller of a verification may do. */
    asker: AccessSet | null;
  }
}

/** Wide enough that an absurdly long key is refused as a key, not as a body. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Answers one question; the id of the log row is the one in the answer, unless the caller brought a name of its own. */
export function answerQuestion(service: VerificationService, question: VerifyQuestion): VerifyAnswer {
  const requestId = newId('req');
  const verdict = service.check(question.request, { ...question.facts, requestId });
  return answerOf(verdict, question.request, question.requestId ?? requestId);
}

/** `POST /v1/verify` and `/v1/verify/batch`: may these requests pass? The caller shows a key of its own with keywright.verify. */
export function registerVerifyRoutes(app: FastifyInstance, service: VerificationService): void {
  app.decorateRequest('asker', null);
  /** Before the body is read: whoever may not ask learns nothing about its faults. */
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const call = {
      requestId: request.id,
      method: request.method,
      path: request.url,
      userAgent: request.headers['user-agent'] ?? null,
      ip: request.ip,
    };
    reply.header('cache-control', 'no-store');
    const caller = service.authenticateCaller(headersOf(request.raw.rawHeaders), call, 'keywright.verify');
    if ('principal' in caller) {
      request.asker = caller.principal.access;
      return;
    }
    const { verdict } = caller;
    await reply
      .code(verdict.status)
      .headers(verdictHeaders(verdict))
      .type(PROBLEM_CONTENT_TYPE)
      .send(problemOfVerdict(verdict, request.id));
  };
  app.post('/v1/verify', { onRequest, bodyLimit: MAX_BODY_BYTES, logLevel: 'warn' }, (request, reply) =>
    reply.send(answerQuestion(service, readVerifyBody(request.body, request.asker!))),
  );
  app.post(
    '/v1/verify/batch',
    { onRequest, bodyLimit: MAX_BODY_BYTES, logLevel: 'warn' },
    (request, reply) => {
      const questions = readBatchBody(request.body, request.asker!);
      return reply.send({ results: questions.map((question) => answerQuestion(service, question)) });
    },
  );
}
