import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AcceptedAnswer, Verifier } from '../client/verifier.js';
import { decide, type Decision, type RequireKeyOptions } from './require-key.js';

export type { Asked, RequireKeyOptions } from './require-key.js';

declare global {
  namespace Express {
    interface Request {
      /** The key of the request, once `requireKey` has accepted it. */
      keywright?: AcceptedAnswer;
    }
  }
}

/** The parts of an Express request that are read; other frameworks with such requests work too. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly ip?: string | undefined;
  keywright?: AcceptedAnswer;
}

export type ExpressMiddleware<Request> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

function answer(request: ExpressRequest, response: ServerResponse, decision: Decision): boolean {
  const { headers } = 'key' in decision ? decision : decision.refusal;
  for (const name in headers) response.setHeader(name, headers[name]!);
  if ('key' in decision) {
    request.keywright = decision.key;
    return true;
  }
  response.statusCode = decision.refusal.status;
  response.end(decision.refusal.body);
  return false;
}

/**
 * Accepts only requests with a key that can make them, and puts the key into `request.keywright`. Rejects others with 401, 403
 * or 429 as problem+json, and with 503 if there is no verdict.
 */
export function requireKey<Request extends ExpressRequest = ExpressRequest>(
  verifier: Verifier,
  options: RequireKeyOptions<Request> = {},
): ExpressMiddleware<Request> {
  return async (request, response, next) => {
    const { method, headersDistinct: headers, ip } = request;
    const url = request.originalUrl ?? request.url;
    let passes: boolean;
    try {
      passes = answer(
        request,
        response,
        await decide(verifier, options, request, { method, url, headers, ip }),
      );
    } catch (error) {
      next(error);
      return;
    }
    if (passes) next();
  };
}
