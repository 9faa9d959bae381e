import type { KeyFacts, Question } from './key-facts.js';
import { checkAddress } from './steps/address.js';
import { checkEnvironment } from './steps/environment.js';
import { checkLifecycle } from './steps/lifecycle.js';
import { checkRights } from './steps/rights.js';

/** One check of a proven key: the code that it rejects with, or undefined if the key passes. */
export type Step = <Asked extends Question, Unknown extends string>(
  key: KeyFacts<Asked, Unknown>,
  asked: Asked,
  nowMs: number,
) => string | undefined;

/** One verdict code: what it means and the message for the caller. */
export interface VerdictInfo {
  /** HTTP status that a protected API responds with. */
  readonly status: 200 | 401 | 403 | 429;
  /** Short heading, for tables and problem+json `title`. */
  readonly title: string;
  /** Message for the caller; reveals no more than the caller has proven. */
  readonly message: string;
  /** What the reader of the error should check. */
  readonly help: string;
  /** The check of a proven key that rejects with this code; absent for codes from elsewhere, such as the limits. */
  readonly step?: Step;
}

/** Every outcome of a verification, in the order of the checks: the steps run in the order of these rows. */
export const VERDICTS = {
  VALID: {
    status: 200,
    title: 'Valid',
    message: 'The key is valid and may do this.',
    help: 'Nothing to do.',
  },
  KEY_MISSING: {
    status: 401,
    title: 'API key missing',
    message:
      'No API key was sent. Send it in the X-API-KEY header; Authorization is not read for API keys here.',
    help: 'Check the header name: it is X-API-KEY, not Authorization.',
  },
  AMBIGUOUS_CREDENTIAL: {
    status: 401,
    title: 'More than one credential',
    message: 'The request carries more than one credential. Send exactly one.',
    help: 'Remove the second API key header, signature or query parameter.',
  },
  KEY_MALFORMED: {
    status: 401,
    title: 'API key not accepted',
    message:
      'The API key is not valid. Check that it was copied whole and without spaces, that it is still active, and that it is sent in the X-API-KEY header.',
    help: 'Copy the key again: a space, a line break or a missing character breaks its checksum.',
  },
  KEY_NOT_FOUND: {
    status: 401,
    title: 'API key not accepted',
    message:
      'The API key is not valid. Check that it was copied whole and without spaces, that it is still active, and that it is sent in the X-API-KEY header.',
    help: 'The key is unknown here, or it was regenerated. Ask the owner for the current one, or regenerate it.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    title: 'Signature not accepted',
    message: 'The signature does not match. Check the string to sign, the secret and the encoding.',
    help: 'Compare your string to sign with the documentation of the signature profile.',
  },
  SIGNATURE_EXPIRED: {
    status: 401,
    title: 'Signature expired',
    message: 'The signature is too old, or its time lies too far ahead. Check the clock of the caller.',
    help: 'Synchronise the clock of the caller, and sign each request afresh.',
  },
  REPLAYED: {
    status: 401,
    title: 'Request already seen',
    message: 'This signed request was already used once. Sign each request with a fresh nonce.',
    help: 'Use a new nonce for each request.',
  },
  KEY_REVOKED: {
    status: 401,
    title: 'API key revoked',
    message: 'This API key was revoked and cannot be used again.',
    help: 'Create a new key; a revoked one does not come back.',
    step: checkLifecycle,
  },
  KEY_EXPIRED: {
    status: 401,
    title: 'API key expired',
    message: 'This API key has expired. Extend its expiry, or create a new key.',
    help: 'Extend the expiry: the same key works again at once.',
    step: checkLifecycle,
  },
  KEY_DISABLED: {
    status: 401,
    title: 'API key disabled',
    message: 'This API key is disabled. Enable it to use it again.',
    help: 'Enable the key on the API keys page.',
    step: checkLifecycle,
  },
  WRONG_ENVIRONMENT: {
    status: 401,
    title: 'Wrong environment',
    message: 'This API key belongs to another environment.',
    help: 'Use a key of the environment that you call; the prefix tells them apart (live, stag, dev).',
    step: checkEnvironment,
  },
  IP_NOT_ALLOWED: {
    status: 403,
    title: 'Address not allowed',
    message: 'This API key may not be used from this IP address.',
    help: 'Add the address to the allowed IP ranges of the key, or call from an allowed one.',
    step: checkAddress,
  },
  PERMISSION_DENIED: {
    status: 403,
    title: 'Permission missing',
    message: 'This API key does not hold the permission that this request needs.',
    help: 'Grant the permission to the key; it takes effect at once.',
    step: checkRights,
  },
  SCOPE_DENIED: {
    status: 403,
    title: 'Outside the scope',
    message: 'This API key has no grant at the scope of this request.',
    help: 'Grant the key access at this scope.',
    step: checkRights,
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Rate limit reached',
    message: 'The rate limit of this API key is reached. Try again later.',
    help: 'Wait for as long as Retry-After says, or raise the rate limit of the key.',
  },
  QUOTA_EXCEEDED: {
    status: 429,
    title: 'Quota used up',
    message: 'The quota of this API key is used up for this period.',
    help: 'Wait for the next period, or raise the quota of the key.',
  },
} as const satisfies Record<string, VerdictInfo>;

/** The code of a verdict. */
export type VerdictCode = keyof typeof VERDICTS;

/** The code of a rejection. */
export type RefusedCode = Exclude<VerdictCode, 'VALID'>;

/** All codes, in the order of the table. */
export const VERDICT_CODES = Object.keys(VERDICTS) as VerdictCode[];
