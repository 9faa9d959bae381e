import { Transform, type Readable } from 'node:stream';
import { errorCodes, type FastifyReply, type FastifyRequest } from 'fastify';
import { MAX_BODY_BYTES } from '../http/server.js';
import type { SessionRequestContext } from '../modules/sign-in/sessions/session-context.js';

/** Maximum body with an OpenAPI document, which callers who manage access can send: 2 MB, encoded as JSON. */
export const MAX_LARGE_BODY_BYTES = 4 * 1024 * 1024;

/** Maximum body of a caller who is not signed in; fits the longest document and a few variables. */
const MAX_ANONYMOUS_BODY_BYTES = 72 * 1024;

/** Fails with 413 if the payload exceeds the limit. */
function cutOff(payload: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > maxBytes ? new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE() : null, chunk);
    },
  });
  payload.once('error', (error) => counted.destroy(error));
  return payload.pipe(counted);
}

/**
 * Limits the size of a body: small before sign-in, larger after it, and large for callers who manage access. Authenticates
 * before it reads the body, and only if the size depends on the caller.
 */
export async function limitBody(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: Readable,
  contextFor: (request: FastifyRequest, reply: FastifyReply) => Promise<SessionRequestContext>,
): Promise<Readable> {
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) <= MAX_ANONYMOUS_BODY_BYTES) return payload;
  const { principal } = await contextFor(request, reply);
  const maxBytes = principal ? MAX_BODY_BYTES : MAX_ANONYMOUS_BODY_BYTES;
  if (announced === undefined) return cutOff(payload, maxBytes);
  if (Number(announced) <= maxBytes) return payload;
  if (principal?.access.holdsEverywhere('keywright.access.manage')) return payload;
  throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
}
