import { Transform, type Readable } from 'node:stream';
import { errorCodes, type FastifyReply, type FastifyRequest } from 'fastify';
import { MAX_BODY_BYTES } from '../http/server.js';
import type { SessionRequestContext } from '../modules/sessions/session-context.js';

/** A body with a whole document of another API in it, as one who manages access may send: 2 MB, written as JSON. */
export const MAX_LARGE_BODY_BYTES = 4 * 1024 * 1024;

/** What is read of somebody who has not signed in: room for the longest document and a few variables. */
const MAX_ANONYMOUS_BODY_BYTES = 72 * 1024;

/** Ends with 413 what grows beyond the limit. */
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
 * What is read of a body: little before sign-in, more after it, and whole documents of those who manage access. Who the caller is
 * is found out before anything is read, and only if it matters.
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
