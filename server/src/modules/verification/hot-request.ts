import { STATUS_CODES } from 'node:http';
import type { Eventual } from '../../core/eventual.js';
import { detached } from '../../core/text.js';
import type { Proof } from './proof.js';

/** Where a request comes from: the peer of the connection and the client behind it. Addresses are in their plain form. */
export interface Peer {
  /** The client address: the last one that is not a trusted proxy; null if unknown. */
  readonly ip: string | null;
  /** The peer of the socket; null for a peer on the Unix socket, which has no address. */
  readonly direct: string | null;
  /** Whether the peer is a process on this machine: on loopback or on the Unix socket. */
  readonly local: boolean;
  /** Whether the peer is a trusted proxy, whose forwarded headers count. */
  readonly trusted: boolean;
  /** Whether a trusted proxy named `ip`, rather than parsing having stopped at an invalid address. */
  readonly named: boolean;
}

/** The headers that the hot routes read. */
export interface HotHeaders {
  /** All values of `X-API-KEY` and `Authorization`, including repeated ones; Node itself drops some repetitions. */
  readonly credentials: {
    readonly 'x-api-key'?: readonly string[];
    readonly authorization?: readonly string[];
  };
  readonly contentType: string | null;
  readonly userAgent: string | null;
}

/** The head of a request. A client on a kept-alive connection mostly repeats it, so it is cached. */
export interface HotHead {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: HotHeaders;
  /** All headers as they were sent, alternating names and values. */
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
  /** What its credential proved last time. */
  proof: Proof | null;
}

const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** Status and headers of a response. Throws if HTTP does not allow a header value. */
export class AnswerHead {
  /** The same as lines of HTTP/1.1. */
  readonly lines: string;

  /** @param base Headers that precede these, built once for many responses. */
  constructor(
    readonly status: number,
    private readonly own: Readonly<Record<string, string>>,
    private readonly base?: AnswerHead,
  ) {
    let lines = base?.lines ?? `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (const name in own) {
      const value = own[name]!;
      if (!HEADER_VALUE.test(value)) throw new Error(`The header ${name} cannot hold this value.`);
      lines += `${name}: ${value}\r\n`;
    }
    // Parts that many answers share are made one text here, or each answer would put their pieces together.
    this.lines = base ? lines : detached(lines);
  }

  get headers(): Readonly<Record<string, string>> {
    return this.base ? { ...this.base.headers, ...this.own } : this.own;
  }
}

/** Requests that are handled without a web framework. */
export interface HotRoute {
  owns(method: string, url: string): boolean;
  take(exchange: HotExchange): void;
}

/** One request to a hot route and its response, independent of the transport. */
export interface HotExchange {
  readonly head: HotHead;
  /** The whole body; at once if it came with the head. Error: a {@link ClientFault} if it is larger. */
  readBody(maxBytes: number): Eventual<Buffer>;
  /** Sends the response, without a body where HTTP allows none (204, or to HEAD); called once. */
  reply(answer: AnswerHead, requestId: string, body: string): void;
}

/**
 * Reads the headers, alternating names and values, in one pass; compares lengths first, since most headers are
 * irrelevant.
 */
export function readHotHeaders(rawHeaders: readonly string[]): HotHeaders {
  const credentials: { 'x-api-key'?: string[]; authorization?: string[] } = {};
  let contentType: string | null = null;
  let userAgent: string | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    const value = rawHeaders[i + 1]!;
    switch (name.length) {
      case 9:
        if (name.toLowerCase() === 'x-api-key') (credentials['x-api-key'] ??= []).push(value);
        break;
      case 10:
        if (userAgent === null && name.toLowerCase() === 'user-agent') userAgent = value;
        break;
      case 12:
        if (contentType === null && name.toLowerCase() === 'content-type') contentType = value;
        break;
      case 13:
        if (name.toLowerCase() === 'authorization') (credentials.authorization ??= []).push(value);
        break;
      default:
    }
  }
  return { credentials, contentType, userAgent };
}
