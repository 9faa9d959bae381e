import type { Peer } from '../verification/hot-request.js';
import { readRequestPath, type RequestPath } from '../route-rules/request-path.js';
import { METHODS } from './authorize-target.js';
import { mayPassForIdentity } from './identity-headers.js';

/** Headers in lower case with all their values, as {@link headersOf} gives them. */
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

/** Why it cannot be told what was asked for; a sentence for whoever set the gateway up or sent the request. */
export interface UnclearRequest {
  readonly unclear: string;
}

/** Where the original request stands: in headers, or in place of the request to Keywright itself. */
export type OriginalPlace = { readonly headers: true } | { readonly method: string; readonly target: string };

const AUTHORITY = /^[0-9A-Za-z.:[\]_-]{1,255}$/;

/** A WebSocket begins as a GET of HTTP, and some gateways name its own scheme. */
const SCHEMES: ReadonlyMap<string, OriginalRequest['scheme']> = new Map([
  ['http', 'http'],
  ['https', 'https'],
  ['ws', 'http'],
  ['wss', 'https'],
]);

/** Headers that make some services take a request for another one than its first line says. */
const OVERRIDES = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
] as const;

const FORWARDED = ['x-original-uri', 'x-original-method', 'x-forwarded-uri', 'x-forwarded-method'] as const;

/** Whether a request says that it is about another one, as only the questions of gateways do; headers in lower case. */
export const isGatewayQuestion = (headers: Readonly<Record<string, unknown>>): boolean =>
  FORWARDED.some((name) => headers[name] !== undefined);

const unclear = (why: string): UnclearRequest => ({ unclear: why });

class Unclear extends Error {}

/** The one value of a header; undefined without it. Error: Unclear for an empty one, and for more than one. */
function single(headers: SentHeaders, name: string): string | undefined {
  const values = headers[name];
  if (values === undefined) return undefined;
  const [value = ''] = values;
  if (values.length > 1) throw new Unclear(`The header ${name} came more than once.`);
  if (value === '') throw new Unclear(`The header ${name} is empty.`);
  return value;
}

/** What one of two headers says; both may be there only when they say the same. */
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
  throw new Unclear('The header x-forwarded-proto is neither http nor https.');
}

function readAuthority(headers: SentHeaders): string | null {
  const authority = single(headers, 'x-forwarded-host') ?? single(headers, 'host') ?? null;
  if (authority === null || AUTHORITY.test(authority)) return authority;
  throw new Unclear('The host of the request cannot be read.');
}

function lineOf(
  headers: SentHeaders,
  place: OriginalPlace,
): { readonly method: string; readonly target: string } {
  if ('target' in place) {
    const method = either(headers, 'x-original-method', 'x-forwarded-method') ?? place.method;
    const target = either(headers, 'x-original-uri', 'x-forwarded-uri') ?? place.target;
    if (method === place.method && target === place.target) return place;
    throw new Unclear('The forwarded method and path are not those of the request.');
  }
  return {
    method: needed(headers, 'x-original-method', 'x-forwarded-method'),
    target: needed(headers, 'x-original-uri', 'x-forwarded-uri'),
  };
}

function refuseTricks(headers: SentHeaders): void {
  for (const name in headers) {
    if (mayPassForIdentity(name)) {
      throw new Unclear(`The request carries the header ${name}, which only the gateway may set.`);
    }
  }
  const override = OVERRIDES.find((name) => headers[name] !== undefined);
  if (override !== undefined) {
    throw new Unclear(
      `The request carries ${override}, which may make the service take it for another request.`,
    );
  }
}

function read(headers: SentHeaders, peer: Peer, place: OriginalPlace): OriginalRequest | UnclearRequest {
  refuseTricks(headers);
  const { method, target } = lineOf(headers, place);
  if (!METHODS.includes(method)) return unclear('The method of the request is not known here.');
  const path = readRequestPath(target);
  if ('refused' in path) return unclear(path.refused);
  if (single(headers, 'x-forwarded-for') === undefined) {
    return unclear('The gateway did not send x-forwarded-for, the address of the client.');
  }
  if (!peer.named) return unclear('The header x-forwarded-for holds something that is no address.');
  return {
    method,
    target,
    path,
    headers,
    ip: peer.ip,
    scheme: readScheme(headers),
    authority: readAuthority(headers),
  };
}

/**
 * Reads the request that a trusted gateway asks about. Whatever is missing, empty, doubled, contradictory or not plain makes it
 * unclear, and so does a header that the service behind the gateway may take for one of the gateway's own. Never throws.
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
