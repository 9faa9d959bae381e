import type { Socket } from 'node:net';
import { withoutBasePath } from '../../core/base-path.js';
import {
  readHotHeaders,
  type AnswerHead,
  type HotExchange,
  type HotHead,
  type HotRoute,
} from '../../modules/verification/hot-request.js';
import type { PeerReader } from '../peer.js';
import { readPlainHead } from './head-reader.js';
import { httpDate } from './http-date.js';

/** Maximum chunks of one request; requests in more chunks go to the full parser. */
const MAX_CHUNKS = 8;
/** How long a new connection can take to send its first request. */
const FIRST_REQUEST_TIMEOUT_MS = 30_000;

export interface FastPathDeps {
  readonly routes: readonly HotRoute[];
  /** Hands the socket to the full parser for good, after the bytes read were put back. */
  readonly handOver: (socket: Socket) => void;
  readonly peer: PeerReader;
  /** Prefix to strip from paths; empty for none. */
  readonly basePath: string;
  readonly keepAliveMs: number;
  /** Whether the server is stopping; connections then close after their answer. */
  readonly stopping: () => boolean;
}

const NOTHING: Buffer = Buffer.alloc(0);
const noop = (): void => undefined;

/**
 * One connection to the hot routes: reads and answers its requests directly on the socket, one after another. From the first
 * request on that is not simple, the connection is handed to Node's HTTP server.
 */
export class FastPathConnection implements HotExchange {
  head!: HotHead;
  private route!: HotRoute;
  /** The bytes of the last head: the next one is usually identical and then not parsed again. */
  private lastHead: Buffer = NOTHING;
  /** The `X-Forwarded-For` of the last head. */
  private forwarded: string | undefined;
  private headBytes = 0;
  private bodyBytes = 0;
  private received: Buffer | null = null;
  private chunks = 0;
  private body: Buffer = NOTHING;
  private answering = false;
  private answered = false;
  private ended = false;
  private readonly keepAlive: string;

  constructor(
    private readonly socket: Socket,
    private readonly deps: FastPathDeps,
  ) {
    this.keepAlive = `connection: keep-alive\r\nkeep-alive: timeout=${deps.keepAliveMs / 1000}`;
    socket.on('data', this.onData).on('end', this.onEnd).on('timeout', this.onTimeout).on('error', noop);
    socket.setTimeout(FIRST_REQUEST_TIMEOUT_MS);
  }

  readBody(): Buffer {
    return this.body;
  }

  reply(answer: AnswerHead, requestId: string, body: string): void {
    const { socket } = this;
    if (socket.destroyed) return;
    const last = this.deps.stopping() || (!this.received && this.ended);
    const connection = last ? 'connection: close' : this.keepAlive;
    const bytes = Buffer.byteLength(body);
    const length = answer.status === 204 ? '' : `content-length: ${bytes}\r\n`;
    const sent = socket.write(
      `${answer.lines}x-request-id: ${requestId}\r\n${length}date: ${httpDate()}\r\n${connection}\r\n\r\n${this.head.method === 'HEAD' ? '' : body}`,
      // Headers are ASCII, and so is a body with as many bytes as characters.
      bytes === body.length ? 'latin1' : 'utf8',
    );
    if (last) return void socket.destroySoon();
    if (!this.answered) socket.setTimeout(this.deps.keepAliveMs);
    this.answered = true;
    this.body = NOTHING;
    // A client that does not read its answers gets no more until it does.
    if (sent) this.next();
    else socket.once('drain', this.next);
  }

  /** Whether a complete request is not answered yet. */
  get isAnswering(): boolean {
    return this.answering;
  }

  /** Closes the connection unless a request is pending or partly received. */
  closeIdle(): void {
    if (!this.answering && !this.received) this.socket.destroy();
  }

  private readonly next = (): void => {
    this.answering = false;
    if (this.received) this.advance(this.received);
    else if (this.ended) this.socket.end();
    if (!this.answering && this.socket.isPaused()) this.socket.resume();
  };

  private readonly onData = (chunk: Buffer): void => {
    this.chunks++;
    const bytes = this.received ? Buffer.concat([this.received, chunk]) : chunk;
    this.received = bytes;
    if (this.answering) this.socket.pause();
    else this.advance(bytes);
  };

  private readonly onEnd = (): void => {
    this.ended = true;
    if (!this.answering) this.socket.end();
  };

  private readonly onTimeout = (): void => void this.socket.destroy();

  /** Handles the request at the start of the bytes once it is complete. */
  private advance(bytes: Buffer): void {
    if (!this.isLastHead(bytes) && !this.readHead(bytes)) return this.leave(bytes);
    const start = this.headBytes;
    const end = start + this.bodyBytes;
    if (bytes.length < end) {
      if (this.ended) this.socket.end();
      else if (this.chunks >= MAX_CHUNKS) this.leave(bytes);
      return;
    }
    this.body = bytes.subarray(start, end);
    this.received = bytes.length > end ? bytes.subarray(end) : null;
    this.chunks = this.received ? 1 : 0;
    this.answering = true;
    this.route.take(this);
  }

  private isLastHead(bytes: Buffer): boolean {
    const length = this.headBytes;
    return length > 0 && bytes.length >= length && bytes.compare(this.lastHead, 0, length, 0, length) === 0;
  }

  private readHead(bytes: Buffer): boolean {
    const plain = readPlainHead(bytes, this.findRoute);
    if (!plain) return false;
    const { method, rawHeaders, forwarded, headBytes, bodyBytes } = plain;
    const url = withoutBasePath(plain.url, this.deps.basePath);
    // Behind a gateway each head is another one: they share a buffer.
    if (this.lastHead.length < headBytes) this.lastHead = Buffer.allocUnsafeSlow(2 * headBytes);
    bytes.copy(this.lastHead, 0, 0, headBytes);
    this.headBytes = headBytes;
    this.bodyBytes = bodyBytes;
    // Most callers forward no address, or that of the same client again.
    const peer =
      this.answered && forwarded === this.forwarded ? this.head.peer : this.deps.peer(this.socket, forwarded);
    this.forwarded = forwarded;
    this.head = { method, url, headers: readHotHeaders(rawHeaders), rawHeaders, peer, proof: null };
    return true;
  }

  private readonly findRoute = (method: string, url: string): boolean => {
    const route = this.deps.routes.find((each) =>
      each.owns(method, withoutBasePath(url, this.deps.basePath)),
    );
    if (route) this.route = route;
    return route !== undefined;
  };

  private leave(bytes: Buffer): void {
    const { socket } = this;
    // Nothing can be put back into a stream that has ended.
    if (this.ended) return void socket.end();
    socket.off('data', this.onData).off('end', this.onEnd).off('timeout', this.onTimeout).off('error', noop);
    socket.setTimeout(0);
    this.received = null;
    // Stops reading here.
    this.answering = true;
    // Paused until the next reader listens, so that the bytes put back are not lost.
    socket.pause();
    socket.unshift(bytes);
    this.deps.handOver(socket);
    socket.resume();
  }
}
