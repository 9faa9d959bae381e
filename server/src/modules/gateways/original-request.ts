import type { Peer } from '../verification/hot-request.js';
import { readRequestPath, type RequestPath } from '../route-rules/request-path.js';
import { faultOfMethod } from '../route-rules/request-method.js';
import { reservationOf } from './reserved-headers.js';

/** Lowercase header names with all their values, as returned by {@link headersOf}. */
export type SentHeaders = Readonly<Record<string, readonly string[]>>;

/** The request that a gateway asks about. */
export interface OriginalRequest {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly target: string;
  readonly path: RequestPath;
  readonly headers: SentHeaders;
  readonly ip: string | null;
  readonly scheme: 'http' | 'https' | null;
  readonly authority: string | null;
}

/** Why the original request is unclear, as a sentence for the person who configured the gateway or sent the request. */
export interface UnclearRequest {
  readonly unclear: string;
}

/**
 * Where the original request is: in headers, in X-Original-URL (ingress-nginx), or in the request line to Keywright
 * itself.
 */
export type OriginalPlace = 'HEADERS' | 'URL_HEADER' | { readonly method: string; readonly target: string };

const AUTHORITY = /^[0-9A-Za-z.:[\]_-]{1,255}$/;

/** A WebSocket starts as an HTTP GET, and some gateways name its own scheme. */
const SCHEMES: ReadonlyMap<string, OriginalRequest['scheme']> = new Map([
  ['http', 'http'],
  ['https', 'https'],
  ['ws', 'http'],
  ['wss', 'https'],
]);

/** The header in which ingress-nginx sends the original URL. */
const URL_HEADER = 'x-original-url';
const ABSOLUTE_URL = /^(https?):\/\/([^/?#]*)(\/.*)$/;

const FORWARDED = ['x-original-uri', 'x-original-method', 'x-forwarded-uri', 'x-forwarded-method'] as const;

/** Whether a request refers to another one, as only requests of gateways do; lowercase header names. */
export const isGatewayQuestion = (headers: Readonly<Record<string, unknown>>): boolean =>
  FORWARDED.some((name) => headers[name] !== undefined);

const unclear = (why: string): UnclearRequest => ({ unclear: why });

class Unclear extends Error {}

/** The single value of a header; undefined without the header. Error: Unclear if it is empty or repeated. */
function single(headers: SentHeaders, name: string): string | undefined {
  const values = headers[name];
  if (values === undefined) return undefined;
  const [value = ''] = values;
  if (values.length > 1) throw new Unclear(`The header ${name} was sent more than once.`);
  if (value === '') throw new Unclear(`The header ${name} is empty.`);
  return value;
}

/** The value of either of two headers; if both are present, they must agree. */
function either(headers: SentHeaders, first: string, second: string): string | undefined {
  const one = single(headers, first);
  const other = single(headers, second);
  if (one !== undefined && other !== undefined && one !== other) {
    throw new Unclear(`The headers ${first} and ${second} contradict each other.`);
  }
  return one ?? other;
}

function needed(headers: SentHeaders, first: string, second: string): string {
  const value = either(headers, first, second);
  if (value === undefined) throw new Unclear(`The gateway sent neither ${first} nor ${second}.`);
  return value;
}

function readScheme(headers: SentHeaders): OriginalRequest['scheme'] {
  const scheme = single(headers, 'x-forwarded-proto') ?? null;
  if (scheme === null) return null;
  const known = SCHEMES.get(scheme.toLowerCase());
  if (known !== undefined) return known;
  throw new Unclear('The header x-forwarded-proto must be http or https.');
}

function readAuthority(headers: SentHeaders): string | null {
  const authority = single(headers, 'x-forwarded-host') ?? single(headers, 'host') ?? null;
  if (authority === null || AUTHORITY.test(authority)) return authority;
  throw new Unclear('The host of the request is not valid.');
}

interface OriginalUrl {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly target: string;
}

/** Reads what ingress-nginx says about a request: the URL as received, in one header. */
function readOriginalUrl(headers: SentHeaders): OriginalUrl {
  const url = single(headers, URL_HEADER);
  if (url === undefined) throw new Unclear(`The gateway did not send ${URL_HEADER}.`);
  const [, scheme, authority, target] = ABSOLUTE_URL.exec(url) ?? [];
  if (scheme === undefined || !AUTHORITY.test(authority!)) {
    throw new Unclear(`The header ${URL_HEADER} does not contain a valid URL.`);
  }
  return { scheme: scheme as 'http' | 'https', authority: authority!, target: target! };
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
}

/** A request line from outside the usual headers; error: Unclear if those contradict it. */
function agreed(headers: SentHeaders, line: RequestLine): RequestLine {
  const method = either(headers, 'x-original-method', 'x-forwarded-method') ?? line.method;
  const target = either(headers, 'x-original-uri', 'x-forwarded-uri') ?? line.target;
  if (method === line.method && target === line.target) return line;
  throw new Unclear('The forwarded method and path do not match the request.');
}

function refuseTricks(headers: SentHeaders, place: OriginalPlace): void {
  for (const name in headers) {
    const reservation = reservationOf(name);
    if (reservation === null || (place === 'URL_HEADER' && name === URL_HEADER)) continue;
    throw new Unclear(
      reservation === 'GATEWAY_ONLY'
        ? `The request has the header ${name}, which only the gateway can set.`
        : `The request has the header ${name}, which could make the service handle it as a different request.`,
    );
  }
}

/** The line of the original request; `url` is the full URL if the gateway sends it. Error: Unclear. */
function lineOf(headers: SentHeaders, place: OriginalPlace, url: OriginalUrl | null): RequestLine {
  if (url !== null) {
    const method = single(headers, 'x-original-method');
    if (method === undefined) throw new Unclear('The gateway did not send x-original-method.');
    return agreed(headers, { method, target: url.target });
  }
  if (typeof place === 'object') return agreed(headers, place);
  return {
    method: needed(headers, 'x-original-method', 'x-forwarded-method'),
    target: needed(headers, 'x-original-uri', 'x-forwarded-uri'),
  };
}

function read(headers: SentHeaders, peer: Peer, place: OriginalPlace): OriginalRequest | UnclearRequest {
  refuseTricks(headers, place);
  const url = place === 'URL_HEADER' ? readOriginalUrl(headers) : null;
  const { method, target } = lineOf(headers, place, url);
  const scheme = url === null ? readScheme(headers) : url.scheme;
  const authority = url === null ? readAuthority(headers) : url.authority;
  const methodFault = faultOfMethod(method);
  if (methodFault !== null) return unclear(methodFault);
  const path = readRequestPath(target);
  if ('refused' in path) return unclear(path.refused);
  if (single(headers, 'x-forwarded-for') === undefined) {
    return unclear('The gateway did not send x-forwarded-for, the address of the client.');
  }
  if (!peer.named) return unclear('The header x-forwarded-for does not contain a valid address.');
  return { method, target, path, headers, ip: peer.ip, scheme, authority };
}

/**
 * Reads the request that a trusted gateway asks about. Anything missing, empty, repeated, contradictory or unusual
 * makes it unclear, and so does a header that the service behind the gateway could mistake for one of the gateway's
 * own. Never throws.
 */
export function readOriginalRequest(
  headers: SentHeaders,
  peer: Peer,
  place: OriginalPlace,
): OriginalRequest | UnclearRequest {
  try {
    return read(headers, peer, place);
  } catch (error) {
    if (error instanceof Unclear) return unclear(error.message);
    throw error;
  }
}
