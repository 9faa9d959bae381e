import { fieldValue, valuesOf } from './header-values.js';
import type { Component } from './signature-input.js';
import type { SignedRequest } from './signed-request.js';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/;
const VISIBLE_PATH = /^\/[\x21\x22\x24-\x7e]*$/;
const AUTHORITY = /^[\x21\x22\x24-\x2e\x30-\x3e\x41-\x7e]{1,300}$/;
const MAX_URL_CHARS = 8192;

/** Fields that contain the signature itself. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['signature', 'signature-input']);

/** A component without a value in this request, and the reason. */
export class NoValue {
  constructor(readonly reason: string) {}
}

const no = (reason: string): NoValue => new NoValue(reason);

const NO_URL = no('needs the path and query of the request in visible ASCII, starting with a slash');

const urlOf = ({ url }: SignedRequest): string | null =>
  typeof url === 'string' && url.length <= MAX_URL_CHARS && VISIBLE_PATH.test(url) ? url : null;

function schemeOf({ scheme }: SignedRequest): string | null {
  const lower = typeof scheme === 'string' ? scheme.toLowerCase() : null;
  return lower === 'http' || lower === 'https' ? lower : null;
}

/** RFC 9421, section 2.2.3: in lower case, without the default port of the scheme. */
function authorityOf(request: SignedRequest): string | null {
  const given = request.authority ?? null;
  const values = given === null ? valuesOf(request.headers, 'host') : [given];
  const [value] = values;
  if (values.length !== 1 || typeof value !== 'string' || !AUTHORITY.test(value)) return null;
  const scheme = schemeOf(request);
  const authority = value.toLowerCase();
  if (scheme === 'https') return authority.replace(/:443$/, '');
  return scheme === 'http' ? authority.replace(/:80$/, '') : authority;
}

/** "Percent-encode after encoding" with the form set of the URL standard, a space as %20. */
const formEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** RFC 9421, section 2.2.8; a parameter that occurs twice cannot be signed. */
function queryParam(url: string, wanted: string | null): string | NoValue {
  if (wanted === null) return no('needs the parameter "name"');
  const query = url.indexOf('?');
  const values: string[] = [];
  for (const [name, value] of new URLSearchParams(query === -1 ? '' : url.slice(query + 1))) {
    if (formEncode(name) === wanted) values.push(value);
  }
  if (values.length > 1) return no('appears in the query more than once');
  const [value] = values;
  return value === undefined ? no('is not in the query') : formEncode(value);
}

function targetUri(request: SignedRequest, url: string): string | NoValue {
  const scheme = schemeOf(request);
  const authority = authorityOf(request);
  if (scheme === null)
    return no('needs the scheme of the request, which is unknown here; cover @path and @query');
  return authority === null ? no('needs one Host') : `${scheme}://${authority}${url}`;
}

/** Derived components (RFC 9421, section 2.2) that come from the URL of a request. */
function fromUrl(request: SignedRequest, { name, param }: Component): string | NoValue {
  const url = urlOf(request);
  if (url === null) return NO_URL;
  const query = url.indexOf('?');
  switch (name) {
    case '@path':
      return query === -1 ? url : url.slice(0, query);
    case '@query':
      return query === -1 ? '?' : url.slice(query);
    case '@query-param':
      return queryParam(url, param);
    case '@request-target':
      return url;
    default:
      return targetUri(request, url);
  }
}

function fromField({ headers }: SignedRequest, name: string): string | NoValue {
  if (!FIELD_NAME.test(name)) return no('is not a lowercase field name');
  if (OWN_FIELDS.has(name)) return no('holds the signature, and cannot be covered by it');
  const values = valuesOf(headers, name);
  if (values.length === 0) return no('is not among the headers of the request');
  return fieldValue(values) ?? no('has a value that is too long, or not visible ASCII');
}

/**
 * The value of a component in the signature base (RFC 9421, section 2): the method, the target and its parts as sent,
 * or an ordinary field. It never contains a line break.
 */
export function componentValue(request: SignedRequest, component: Component): string | NoValue {
  switch (component.name) {
    case '@method': {
      const { method } = request;
      return typeof method === 'string' && TOKEN.test(method)
        ? method
        : no('needs the method of the request');
    }
    case '@authority':
      return authorityOf(request) ?? no('needs one Host');
    case '@scheme':
      return schemeOf(request) ?? no('needs the scheme of the request, which is unknown here');
    case '@target-uri':
    case '@request-target':
    case '@path':
    case '@query':
    case '@query-param':
      return fromUrl(request, component);
    default:
      return component.name.startsWith('@')
        ? no('is not a supported request component')
        : fromField(request, component.name);
  }
}
