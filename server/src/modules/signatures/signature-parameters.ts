import { isClientId, isShortText, quote, refusalsOf, type SignatureRefusal } from './signature-claim.js';

const { invalid } = refusalsOf('RFC9421');

/** The parameters of a signature (RFC 9421, section 2.3); times in milliseconds since 1970. */
export interface SignatureParameters {
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly nonce: string;
  readonly keyId: string;
}

const KNOWN: ReadonlySet<string> = new Set(['created', 'expires', 'nonce', 'keyid', 'alg', 'tag']);

const isSeconds = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

/**
 * Reads the parameters: `created`, `nonce` and `keyid` are required, `expires` and `tag` optional. `alg` has no effect:
 * it can only repeat the algorithm of the profile.
 */
export function readSignatureParameters(
  parameters: ReadonlyMap<string, unknown>,
): SignatureParameters | SignatureRefusal {
  const fault = (detail: string): SignatureRefusal => invalid(detail, 'PARAMETERS');
  for (const name of parameters.keys()) {
    if (!KNOWN.has(name)) return fault(`The parameter ${quote(name)} is not supported.`);
  }
  const created = parameters.get('created');
  const expires = parameters.get('expires');
  const nonce = parameters.get('nonce');
  const keyId = parameters.get('keyid');
  const tag = parameters.get('tag');
  if (!isSeconds(created)) return fault('The parameter created is not a number of seconds since 1970.');
  if (expires !== undefined && !isSeconds(expires)) {
    return fault('The parameter expires is not a number of seconds since 1970.');
  }
  if (typeof nonce !== 'string' || !isShortText(nonce)) {
    return fault('The parameter nonce is not a string of 1 to 200 characters.');
  }
  if (typeof keyId !== 'string' || !isClientId(keyId)) {
    return fault('The parameter keyid is not a string of 1 to 200 visible ASCII characters.');
  }
  if (parameters.has('alg') && parameters.get('alg') !== 'hmac-sha256') {
    return fault('The parameter alg is not "hmac-sha256".');
  }
  if (tag !== undefined && !(typeof tag === 'string' && isShortText(tag))) {
    return fault('The parameter tag is not a string of 1 to 200 characters.');
  }
  return {
    createdMs: created * 1000,
    expiresMs: expires === undefined ? null : expires * 1000,
    nonce,
    keyId,
  };
}
