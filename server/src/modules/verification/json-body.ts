import type { IncomingMessage } from 'node:http';

/** A fault of the client, with the status that it is answered with. */
class BodyFault extends Error {
  constructor(
    message: string,
    readonly statusCode: number,
  ) {
    super(message);
  }
}

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Reads the body of a request as JSON, and calls back once: with the fault, or with what was read. */
export function readJsonBody(
  request: IncomingMessage,
  contentType: string | null,
  maxBytes: number,
  done: (error: unknown, body?: unknown) => void,
): void {
  if (contentType === null || !JSON_TYPE.test(contentType)) {
    return done(new BodyFault('The body must be application/json.', 415));
  }
  let chunks: Buffer[] | undefined;
  let first: Buffer | undefined;
  let bytes = 0;
  let over = false;
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    bytes += chunk.length;
    if (bytes > maxBytes) {
      over = true;
      first = chunks = undefined;
      return done(new BodyFault('The body is too large.', 413));
    }
    if (!first) first = chunk;
    else (chunks ??= [first]).push(chunk);
  });
  request.on('end', () => {
    if (over) return;
    let body: unknown;
    try {
      body = JSON.parse((chunks ? Buffer.concat(chunks) : (first ?? Buffer.alloc(0))).toString('utf8'));
    } catch {
      return done(new BodyFault('The body is not JSON.', 400));
    }
    done(undefined, body);
  });
}
