import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AcceptedAnswer, Verifier } from '../client/verifier.js';
import { decide, type RequireKeyOptions } from './require-key.js';

export type { Asked, RequireKeyOptions } from './require-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that the request came with, once `requireKey` let it pass. */
    keywright?: AcceptedAnswer;
  }
}

/** A hook of Fastify, for `onRequest` or any later one. */
export type FastifyHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * Lets only requests pass that a key may make; their key is then in `request.keywright`. Others are answered with 401, 403 or
 * 429 as problem+json, and with 503 when there is no verdict.
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
