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
    message: 'The key is valid and can do this.',
    help: 'Nothing to do.',
  },
  KEY_MISSING: {
    status: 401,
    title: 'API key missing',
    message: 'No API key was sent. Send it in the X-API-KEY header, not in Authorization.',
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
      'The API key is not valid. Check that it was copied completely and without spaces, is still active, and is sent in the X-API-KEY header.',
    help: 'Copy the key again: a space, a line break or a missing character breaks its checksum.',
  },
  KEY_NOT_FOUND: {
    status: 401,
    title: 'API key not accepted',
    message:
      'The API key is not valid. Check that it was copied completely and without spaces, is still active, and is sent in the X-API-KEY header.',
    help: 'The key does not exist here or was regenerated. Ask its owner for the current secret, or regenerate it.',
  },
  SIGNATURE_INVALID: {
    status: 401,
    title: 'Signature not accepted',
    message: 'The signature does not match. Check the string to sign, the secret and the encoding.',
    help: 'Compare your string to sign with the one in the documentation of the signature profile.',
  },
  SIGNATURE_EXPIRED: {
    status: 401,
    title: 'Signature expired',
    message:
      'The signature is too old, or its timestamp is too far in the future. Check the clock of the client.',
    help: 'Synchronize the clock of the client, and create a new signature for each request.',
  },
  REPLAYED: {
    status: 401,
    title: 'Request already seen',
    message: 'This signed request was already used. Sign each request with a new nonce.',
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
    message: 'This API key has expired. Extend it, or create a new key.',
    help: 'Extend the expiry; the same key works again immediately.',
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
    help: 'Use a key for the environment you call; its prefix names the environment (live, stag, dev).',
    step: checkEnvironment,
  },
  IP_NOT_ALLOWED: {
    status: 403,
    title: 'Address not allowed',
    message: 'This API key cannot be used from this IP address.',
    help: 'Add the address to the allowed IP ranges of the key, or call from an allowed address.',
    step: checkAddress,
  },
  PERMISSION_DENIED: {
    status: 403,
    title: 'Permission missing',
    message: 'This API key does not have the permission that this request needs.',
    help: 'Grant the permission to the key; it takes effect immediately.',
    step: checkRights,
  },
  SCOPE_DENIED: {
    status: 403,
    title: 'Outside the scope',
    message: 'This API key has no grant for the scope of this request.',
    help: 'Grant the key access to this scope.',
    step: checkRights,
  },
  RATE_LIMITED: {
    status: 429,
    title: 'Rate limit reached',
    message: 'This API key has reached its rate limit. Try again later.',
    help: 'Wait as long as Retry-After says, or raise the rate limit of the key.',
  },
  QUOTA_EXCEEDED: {
    status: 429,
    title: 'Quota used up',
    message: 'This API key has used up its quota for this period.',
    help: 'Wait for the next period, or raise the quota of the key.',
  },
} as const satisfies Record<string, VerdictInfo>;

/** The code of a verdict. */
export type VerdictCode = keyof typeof VERDICTS;

/** The code of a rejection. */
export type RefusedCode = Exclude<VerdictCode, 'VALID'>;

/** All codes, in the order of the table. */
export const VERDICT_CODES = Object.keys(VERDICTS) as VerdictCode[];
