import type { LimitState } from '../limits/rate-limiter.js';
import type { Environment } from '../keys/token.js';
import type { Verdict } from './verdict.js';

/** Answer to a verification that was accepted. Times are RFC 3339. */
interface AcceptedAnswer {
  readonly valid: true;
  readonly code: 'VALID';
  readonly status: 200;
  readonly requestId: string;
  readonly keyId: string;
  readonly name: string;
  readonly environment: Environment;
  readonly serviceAccountId: null;
  readonly permissions: readonly string[];
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly limits: readonly LimitState[];
  readonly retryAfter: null;
}

/** Answer to a verification that was refused; `keyId` only once the secret was proven, `limits` only with 429. */
interface RefusedAnswer {
  readonly valid: false;
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly message: string;
  readonly retryAfter: number | null;
  readonly limits?: readonly LimitState[];
  readonly keyId?: string;
}

/** What the caller of `/v1/verify` is told. */
export type VerifyAnswer = AcceptedAnswer | RefusedAnswer;

/** Shapes a verdict for the caller. */
export function answerOf(verdict: Verdict, requestId: string): VerifyAnswer {
  const { code, key, limits, status, message, retryAfterSeconds } = verdict;
  if (code !== 'VALID' || !key) {
    return {
      valid: false,
      code,
      status,
      requestId,
      message,
      retryAfter: retryAfterSeconds,
      ...(status === 429 ? { limits } : {}),
      ...(key ? { keyId: key.id } : {}),
    };
  }
  return {
    valid: true,
    code,
    status: 200,
    requestId,
    keyId: key.id,
    name: key.name,
    environment: key.environment,
    serviceAccountId: null,
    permissions: key.permissions,
    scopes: key.scopeIds,
    expiresAt: key.expiresAtMs === null ? null : new Date(key.expiresAtMs).toISOString(),
    metadata: key.metadata,
    limits,
    retryAfter: null,
  };
}
