import type { IncomingMessage, ServerResponse } from 'node:http';
import { ClientFault } from '../../core/errors.js';
import {
  readHotHeaders,
  type AnswerHead,
  type HotExchange,
  type HotHead,
  type Peer,
} from '../../modules/verification/hot-request.js';

/** Bytes of a body that is too large which are read and discarded, so that the client receives the error; more close the connection. */
const MAX_DROPPED_BYTES = 2 * 1024 * 1024;

/** A request to a hot route that came through Node's own HTTP server. */
export class NodeExchange implements HotExchange {
  readonly head: HotHead;
  private last = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    peer: Peer,
    private readonly stopping: () => boolean,
  ) {
    const { method, url, rawHeaders } = request;
    const headers = readHotHeaders(rawHeaders);
    this.head = { method: method!, url: url!, headers, rawHeaders, peer, proof: null };
  }

  readBody(maxBytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => this.collect(maxBytes, resolve, reject));
  }

  private collect(maxBytes: number, done: (body: Buffer) => void, fail: (fault: Error) => void): void {
    const { request } = this;
    const declared = Number(request.headers['content-length'] ?? 0);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let refused = false;
    const refuse = (): void => {
      refused = true;
      chunks.length = 0;
      fail(new ClientFault(`The body is larger than ${maxBytes} bytes.`, 413));
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DROPPED_BYTES) request.destroy();
      if (refused) return;
      if (bytes > maxBytes) refuse();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (!refused) done(Buffer.concat(chunks));
    });
    if (declared > MAX_DROPPED_BYTES) this.last = true;
    if (declared > maxBytes) refuse();
  }

  reply(answer: AnswerHead, requestId: string, body: string): void {
    const { response } = this;
    if (response.destroyed) return;
    if (this.last || this.stopping()) response.shouldKeepAlive = false;
    response.writeHead(answer.status, {
      ...answer.headers,
      'x-request-id': requestId,
      ...(answer.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    });
    response.end(body);
  }
}
