import type { AcceptedAnswer, RefusedAnswer } from '../client/verifier.js';
import type { LimitState } from '../verification/verdict-http.js';
import { VERDICTS } from '../verification/verdicts.js';
import type { CachedKey } from './cached-key.js';
import type { LocalJudgement } from './protocol.js';

const NO_LIMITS: readonly LimitState[] = Object.freeze([]);

/** The answer for an accepted key. */
export function acceptedAnswer(
  key: CachedKey,
  { permissions, scopes }: LocalJudgement,
  requestId: string,
  nowMs: number,
): AcceptedAnswer {
  const { keyId, name, environment, serviceAccountId, metadata, limited } = key.record;
  return {
    valid: true,
    code: 'VALID',
    status: 200,
    requestId,
    keyId,
    name,
    environment,
    serviceAccountId,
    permissions,
    scopes,
    expiresAt: key.expiresAt,
    metadata,
    limits: limited ? key.leases.states(nowMs) : NO_LIMITS,
    retryAfter: null,
  };
}

/** The answer for a rejected key; `limits` with 429 only, `keyId` once its secret was proven. */
export function refusedAnswer(
  code: RefusedAnswer['code'],
  requestId: string,
  details: Pick<RefusedAnswer, 'limits' | 'keyId'> & { message?: string; retryAfter?: number | null } = {},
): RefusedAnswer {
  const { status, message } = VERDICTS[code];
  return { valid: false, code, status, requestId, message, retryAfter: null, ...details };
}
