import { STATUS_CODES } from 'node:http';
import type { Proof } from './proof.js';

/** Who stands at the other end of a connection, and behind it. Addresses are in their plain form. */
export interface Peer {
  /** The address behind the request: the last one that no trusted proxy has. */
  readonly ip: string | null;
  /** The other end of the socket. */
  readonly direct: string | null;
  /** Whether that is a trusted proxy, whose forwarded headers count. */
  readonly trusted: boolean;
  /** Whether `ip` is one that a trusted proxy named, and not where reading stopped at something that is no address. */
  readonly named: boolean;
}

/** What the hot routes read of the headers of a request. */
export interface HotHeaders {
  /** Values of `X-API-KEY` and `Authorization`, as often as they were sent; Node itself drops some repetitions. */
  readonly credentials: {
    readonly 'x-api-key'?: readonly string[];
    readonly authorization?: readonly string[];
  };
  readonly contentType: string | null;
  readonly userAgent: string | null;
}

/** What stands in front of the body. A client that keeps its connection mostly sends the same again, and then this is kept. */
export interface HotHead {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: HotHeaders;
  /** All headers as they were sent, names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
  /** What its credential proved the last time. */
  proof: Proof | null;
}

const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** Status and headers of an answer. Error: for a value that HTTP does not let stand in a header. */
export class AnswerHead {
  /** The same as lines of HTTP/1.1. */
  readonly lines: string;

  /** @param base Headers that stand before these, made once for many answers. */
  constructor(
    readonly status: number,
    private readonly own: Readonly<Record<string, string>>,
    private readonly base?: AnswerHead,
  ) {
    let lines = base?.lines ?? `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (const [name, value] of Object.entries(own)) {
      if (!HEADER_VALUE.test(value)) throw new Error(`The header ${name} cannot hold what it was given.`);
      lines += `${name}: ${value}\r\n`;
    }
    this.lines = lines;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.base ? { ...this.base.headers, ...this.own } : this.own;
  }
}

/** Requests that are answered bare of any web framework. */
export interface HotRoute {
  owns(method: string, url: string): boolean;
  take(exchange: HotExchange): void;
}

/** One request to a hot route and its answer, however they travel. */
export interface HotExchange {
  readonly head: HotHead;
  /** Calls back once: with a fault of the client, or with the whole body. */
  readBody(maxBytes: number, done: (fault: Error | undefined, body?: Buffer) => void): void;
  /** Sends the answer, without a body where HTTP knows none (204, or to HEAD); called once. */
  reply(answer: AnswerHead, requestId: string, body: string): void;
}

/** Reads the headers, names and values in turn, in one pass and by their length first: most are of no interest here. */
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
