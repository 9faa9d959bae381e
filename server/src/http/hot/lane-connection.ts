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

/** Parts that one request may come in; whoever needs more is left to the full parser. */
const MOST_PIECES = 8;
/** How long a new connection may take to its first request. */
const FIRST_REQUEST_MS = 30_000;

/** What a {@link LaneConnection} works with. */
export interface LaneParts {
  /** What is answered here. */
  readonly routes: readonly HotRoute[];
  /** Hands the socket on, for good, with what was read put back into it. */
  readonly others: (socket: Socket) => void;
  readonly peer: PeerReader;
  /** Taken away in front of paths; empty for none. */
  readonly basePath: string;
  readonly keepAliveMs: number;
  /** Whether the server stops: a connection then ends with its answer. */
  readonly stopping: () => boolean;
}

const NOTHING: Buffer = Buffer.alloc(0);
const noop = (): void => undefined;

/**
 * One connection of a client that asks the hot routes: its requests are read and answered on the bare socket, one after the
 * other. The first request that is anything but plain is handed to Node's own HTTP with all that follows.
 */
export class LaneConnection implements HotExchange {
  head!: HotHead;
  private route!: HotRoute;
  /** The head of the last request as it was sent: the next one mostly is the same, and then nothing of it is read again. */
  private known: Buffer = NOTHING;
  private bodyBytes = 0;
  private received: Buffer | null = null;
  private pieces = 0;
  private body: Buffer = NOTHING;
  private answering = false;
  private answered = false;
  private ended = false;

  constructor(
    private readonly socket: Socket,
    private readonly parts: LaneParts,
  ) {
    socket.on('data', this.onData).on('end', this.onEnd).on('timeout', this.onTimeout).on('error', noop);
    socket.setTimeout(FIRST_REQUEST_MS);
  }

  readBody(_: number, done: (fault: undefined, body: Buffer) => void): void {
    done(undefined, this.body);
  }

  reply(answer: AnswerHead, requestId: string, body: string): void {
    const { socket } = this;
    if (socket.destroyed) return;
    const last = this.parts.stopping() || (!this.received && this.ended);
    const connection = last
      ? 'connection: close'
      : `connection: keep-alive\r\nkeep-alive: timeout=${this.parts.keepAliveMs / 1000}`;
    const bytes = Buffer.byteLength(body);
    const length = answer.status === 204 ? '' : `content-length: ${bytes}\r\n`;
    const sent = socket.write(
      `${answer.lines}x-request-id: ${requestId}\r\n${length}date: ${httpDate()}\r\n${connection}\r\n\r\n${this.head.method === 'HEAD' ? '' : body}`,
      // Headers are ASCII, and so is the body when it has as many bytes as characters.
      bytes === body.length ? 'latin1' : 'utf8',
    );
    if (last) return void socket.destroySoon();
    if (!this.answered) socket.setTimeout(this.parts.keepAliveMs);
    this.answered = true;
    this.body = NOTHING;
    // Who does not read answers may not have more of them made.
    if (sent) this.next();
    else socket.once('drain', this.next);
  }

  /** Whether a whole request was read and is not answered yet. */
  get isAnswering(): boolean {
    return this.answering;
  }

  /** Closes it when nothing is under way, not even half a request. */
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
    this.pieces++;
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

  /** Begins with the request at the start of the bytes once it is complete. */
  private advance(bytes: Buffer): void {
    if (!this.knowsHead(bytes) && !this.readHead(bytes)) return this.leave(bytes);
    const start = this.known.length;
    const end = start + this.bodyBytes;
    if (bytes.length < end) {
      if (this.ended) this.socket.end();
      else if (this.pieces >= MOST_PIECES) this.leave(bytes);
      return;
    }
    this.body = bytes.subarray(start, end);
    this.received = bytes.length > end ? bytes.subarray(end) : null;
    this.pieces = this.received ? 1 : 0;
    this.answering = true;
    this.route.take(this);
  }

  private knowsHead(bytes: Buffer): boolean {
    const { length } = this.known;
    return length > 0 && bytes.length >= length && bytes.compare(this.known, 0, length, 0, length) === 0;
  }

  private readHead(bytes: Buffer): boolean {
    const plain = readPlainHead(bytes, this.findRoute);
    if (!plain) return false;
    const { method, rawHeaders, forwarded, headBytes, bodyBytes } = plain;
    const url = withoutBasePath(plain.url, this.parts.basePath);
    this.known = Buffer.from(bytes.subarray(0, headBytes));
    this.bodyBytes = bodyBytes;
    const peer = this.parts.peer(this.socket, forwarded);
    this.head = { method, url, headers: readHotHeaders(rawHeaders), rawHeaders, peer, proof: null };
    return true;
  }

  private readonly findRoute = (method: string, url: string): boolean => {
    const route = this.parts.routes.find((each) =>
      each.owns(method, withoutBasePath(url, this.parts.basePath)),
    );
    if (route) this.route = route;
    return route !== undefined;
  };

  private leave(bytes: Buffer): void {
    const { socket } = this;
    // Nothing can be put back behind the end of what a client says.
    if (this.ended) return void socket.end();
    socket.off('data', this.onData).off('end', this.onEnd).off('timeout', this.onTimeout).off('error', noop);
    socket.setTimeout(0);
    this.received = null;
    // It is not read on here.
    this.answering = true;
    // Paused, so that what is put back waits until the next reader is there.
    socket.pause();
    socket.unshift(bytes);
    this.parts.others(socket);
    socket.resume();
  }
}
