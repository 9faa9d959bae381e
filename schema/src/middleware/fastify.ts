import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptedAnswer, Verifier } from '../client/verifier.js';
import { decide, type RequireKeyOptions } from './require-key.js';

export type { Asked, RequireKeyOptions } from './require-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key of the request, once `requireKey` has accepted it. */
    keywright?: AcceptedAnswer;
  }
}

/** A Fastify hook, for `onRequest` or any later one. */
export type FastifyHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * Accepts only requests with a key that can make them, and puts the key into `request.keywright`. Rejects others with 401, 403
 * or 429 as problem+json, and with 503 if there is no verdict.
 */
export function requireKey(verifier: Verifier, options: RequireKeyOptions<FastifyRequest> = {}): FastifyHook {
  return async (request, reply) => {
    const { method, originalUrl: url, ip } = request;
    const described = { method, url, headers: request.raw.headersDistinct, ip };
    const decision = await decide(verifier, options, request, described);
    if ('key' in decision) {
      request.keywright = decision.key;
      reply.headers(decision.headers);
      return undefined;
    }
    const { status, headers, body } = decision.refusal;
    return reply.code(status).headers(headers).send(body);
  };
}
