import { valuesOf } from './header-values.js';
import { refusalsOf, type SignatureRefusal } from './signature-claim.js';
import type { Component } from './signature-input.js';
import type { SignedRequest } from './signed-request.js';

const { invalid } = refusalsOf('RFC9421');

/** Whether the headers announce a body (RFC 9112, section 6.3). HTTP/2 can send one without an announcement. */
function announcesBody({ headers }: SignedRequest): boolean {
  if (valuesOf(headers, 'transfer-encoding').length > 0) return true;
  return valuesOf(headers, 'content-length').some((length) => length !== '0');
}

/**
 * What is missing from the covered components: the method, the whole target, and the digest of the body if there is a
 * body or its digest was sent. Null if nothing is missing.
 */
export function faultOfCoverage(
  request: SignedRequest,
  components: readonly Component[],
): SignatureRefusal | null {
  const covers = (name: string): boolean => components.some((component) => component.name === name);
  const fault = (detail: string): SignatureRefusal => invalid(detail, 'COVERAGE');
  if (!covers('@method')) return fault('The signature does not cover @method.');
  if (!covers('@target-uri')) {
    if (!covers('@path') || !covers('@query')) {
      return fault('The signature covers neither @target-uri nor both @path and @query.');
    }
    // RFC 9421, section 2.2.7, gives a missing query and an empty one the same value.
    if (!covers('@request-target') && typeof request.url === 'string' && /^[^?]*\?$/.test(request.url)) {
      return fault(
        'The URL ends in an empty query, which @query cannot distinguish from no query. Remove the question mark.',
      );
    }
  }
  if (covers('content-digest')) return null;
  if (valuesOf(request.headers, 'content-digest').length > 0) {
    return fault('The request has a Content-Digest that the signature does not cover.');
  }
  return announcesBody(request)
    ? fault('The request has a body, but the signature does not cover its Content-Digest.')
    : null;
}
