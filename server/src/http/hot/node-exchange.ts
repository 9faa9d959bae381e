import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ClientFault,
  readHotHeaders,
  type AnswerHead,
  type HotExchange,
  type HotHead,
  type Peer,
} from '../../modules/verification/hot-request.js';

/** A request to a hot route that came through Node's own HTTP server. */
export class NodeExchange implements HotExchange {
  readonly head: HotHead;

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

  readBody(maxBytes: number, done: (fault: Error | undefined, body?: Buffer) => void): void {
    const chunks: Buffer[] = [];
    let bytes = 0;
    this.request.on('data', (chunk: Buffer) => {
      if (bytes > maxBytes) return;
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= maxBytes) return;
      chunks.length = 0;
      done(new ClientFault('The body is too large.', 413));
    });
    this.request.on('end', () => {
      if (bytes <= maxBytes) done(undefined, Buffer.concat(chunks));
    });
  }

  reply(answer: AnswerHead, requestId: string, body: string): void {
    const { response } = this;
    if (response.destroyed) return;
    if (this.stopping()) response.shouldKeepAlive = false;
    response.writeHead(answer.status, {
      ...answer.headers,
      'x-request-id': requestId,
      ...(answer.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    });
    response.end(body);
  }
}
