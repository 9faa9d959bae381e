import { remembered } from '../../core/remembered.js';
import { detached } from '../../core/text.js';

const MAX_HEAD_BYTES = 8 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[!-~]*) HTTP\/1\.1$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Anything but line ends and what can be in a line. */
const UNUSUAL = /[^\t\r\n\x20-\x7e]/;
const LENGTH = /^(?:0|[1-9]\d{0,5})$/;

/** Headers that change how a message is framed or answered; only the full parser handles them. */
const UNSUPPORTED_HEADERS: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'expect',
  'trailer',
  'te',
  'proxy-connection',
]);

/** What a header name means to this reader; null for a name that only the full parser handles. */
type NameRole = 'CONNECTION' | 'HOST' | 'LENGTH' | 'FORWARDED' | 'OTHER' | null;

const ROLES: ReadonlyMap<string, NameRole> = new Map([
  ['connection', 'CONNECTION'],
  ['host', 'HOST'],
  ['content-length', 'LENGTH'],
  ['x-forwarded-for', 'FORWARDED'],
]);

/** A header name as it was sent, and its role. */
interface SentName {
  readonly name: string;
  readonly role: NameRole;
}

function readName(name: string): SentName {
  const known = name.toLowerCase();
  const role = !NAME.test(name) || UNSUPPORTED_HEADERS.has(known) ? null : (ROLES.get(known) ?? 'OTHER');
  return { name, role };
}

/** The same names recur in nearly all requests, and comparing a remembered text with itself costs nothing. */
const nameOf = remembered(readName);

/** The head of a request, up to the empty line. */
export interface PlainHead {
  readonly method: string;
  readonly url: string;
  /** Alternating names and values, as in Node. */
  readonly rawHeaders: readonly string[];
  /** All `X-Forwarded-For` joined by commas; undefined for none. */
  readonly forwarded: string | undefined;
  /** Bytes up to and including the empty line. */
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** Supported values of `Connection`; offers of another protocol are ignored (RFC 9110, section 7.8). */
const PLAIN_CONNECTION =
  /^(?:keep-alive|upgrade|http2-settings)(?:[\t ]*,[\t ]*(?:keep-alive|upgrade|http2-settings))*$/i;

const isOws = (code: number): boolean => code === 32 || code === 9;

/** A part of the head without surrounding whitespace. */
function trimmed(head: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isOws(head.charCodeAt(start))) start++;
  while (end > start && isOws(head.charCodeAt(end - 1))) end--;
  return head.slice(start, end);
}

/** Where the line from `start` on ends; -1 if it does not end with the first CR and the first LF after `start`. */
function lineEnd(head: string, start: number): number {
  const end = head.indexOf('\r', start);
  return end !== -1 && head.indexOf('\n', start) === end + 1 ? end : -1;
}

interface RequestLine {
  readonly text: string;
  readonly method: string;
  readonly url: string;
}

/** The last one; gateways and services mostly repeat it. */
let lastRequestLine: RequestLine | null = null;

function readRequestLine(text: string): RequestLine | null {
  if (lastRequestLine?.text === text) return lastRequestLine;
  // A part of the head would keep all of it alive.
  const own = detached(text);
  const [, method, url] = REQUEST_LINE.exec(own) ?? [];
  if (method === undefined || url === undefined) return null;
  return (lastRequestLine = { text: own, method, url });
}

/** The value of a header that must not be repeated. */
class SingleHeader {
  value: string | undefined;
  repeated = false;

  take(value: string): void {
    this.repeated ||= this.value !== undefined;
    this.value = value;
  }
}

/**
 * Reads the head of a simple request that `wanted` accepts: HTTP/1.1, a common method, a content-length or no body, no header
 * that changes how the message is framed, visible ASCII only, small. Returns null for anything else and for an incomplete
 * head: such a request is left to a full HTTP parser (RFC 9112), which reads simple requests the same way.
 */
export function readPlainHead(
  bytes: Buffer,
  wanted: (method: string, url: string) => boolean,
): PlainHead | null {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end === -1 || end > MAX_HEAD_BYTES) return null;
  // With the end of its last line.
  const head = bytes.toString('latin1', 0, end + 2);
  if (UNUSUAL.test(head)) return null;
  let at = lineEnd(head, 0);
  if (at === -1) return null;
  const request = readRequestLine(head.slice(0, at));
  if (request === null || !wanted(request.method, request.url)) return null;
  const { method, url } = request;
  const rawHeaders: string[] = [];
  const host = new SingleHeader();
  const length = new SingleHeader();
  let forwarded: string | undefined;
  while (at < end) {
    const start = at + 2;
    at = lineEnd(head, start);
    const colon = head.indexOf(':', start);
    if (at === -1 || colon === -1 || colon > at) return null;
    const { name, role } = nameOf(head.slice(start, colon));
    const value = trimmed(head, colon + 1, at);
    rawHeaders.push(name, value);
    if (role === 'OTHER') continue;
    if (role === null) return null;
    if (role === 'CONNECTION' && !PLAIN_CONNECTION.test(value)) return null;
    if (role === 'HOST') host.take(value);
    if (role === 'LENGTH') length.take(value);
    if (role === 'FORWARDED') forwarded = forwarded === undefined ? value : `${forwarded}, ${value}`;
  }
  if (host.value === undefined || host.repeated) return null;
  // Without a length, a request has no body (RFC 9112, section 6.3); POST, PUT and PATCH without one go to the full parser.
  if (length.value === undefined && method.startsWith('P')) return null;
  if (length.repeated || (length.value !== undefined && !LENGTH.test(length.value))) return null;
  const bodyBytes = Number(length.value ?? 0);
  if (bodyBytes > MAX_BODY_BYTES) return null;
  return {
    method,
    url,
    rawHeaders,
    forwarded,
    headBytes: end + 4,
    bodyBytes,
  };
}
