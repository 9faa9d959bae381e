import { detached } from '../../core/text.js';

const MAX_HEAD_BYTES = 8 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[!-~]*) HTTP\/1\.1$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e]*$/;
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

function readRole(name: string): NameRole {
  const known = name.toLowerCase();
  return !NAME.test(name) || UNSUPPORTED_HEADERS.has(known) ? null : (ROLES.get(known) ?? 'OTHER');
}

/** Maximum names that are remembered, and their maximum length in characters. */
const MAX_NAMES = 1000;
const MAX_NAME_LENGTH = 64;
const roles = new Map<string, NameRole>();

/** The role of a name as it was sent; the same names recur in nearly all requests, so roles are remembered. */
function roleOf(name: string): NameRole {
  if (name.length > MAX_NAME_LENGTH) return readRole(name);
  let role = roles.get(name);
  if (role === undefined) {
    if (roles.size >= MAX_NAMES) roles.clear();
    roles.set(detached(name), (role = readRole(name)));
  }
  return role;
}

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

/** A header value without surrounding whitespace. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isOws(line.charCodeAt(start))) start++;
  while (end > start && isOws(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
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
  const [requestLine, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, method, url] = REQUEST_LINE.exec(requestLine!) ?? [];
  if (method === undefined || url === undefined || !wanted(method, url)) return null;

  const rawHeaders: string[] = [];
  const host = new SingleHeader();
  const length = new SingleHeader();
  let forwarded: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    const value = trimmed(line, colon + 1);
    const role = roleOf(name);
    if (role === null || !VALUE.test(value)) return null;
    if (role === 'CONNECTION' && !PLAIN_CONNECTION.test(value)) return null;
    if (role === 'HOST') host.take(value);
    if (role === 'LENGTH') length.take(value);
    if (role === 'FORWARDED') forwarded = forwarded === undefined ? value : `${forwarded}, ${value}`;
    rawHeaders.push(name, value);
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
