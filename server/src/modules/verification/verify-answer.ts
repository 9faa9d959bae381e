import type { LimitState } from '../limits/rate-limiter.js';
import type { Environment } from '../keys/token.js';
import type { IndexedKey } from './indexed-key.js';
import type { Verdict, VerificationRequest } from './verdict.js';

/** Answer to a verification that was accepted. Times are RFC 3339. */
interface AcceptedAnswer {
  readonly valid: true;
  readonly code: 'VALID';
  readonly status: 200;
  readonly requestId: string;
  readonly keyId: string;
  readonly name: string;
  readonly environment: Environment;
  readonly serviceAccountId: string | null;
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

/** Where the key may do what was asked; where it may do anything, when nothing in particular was. */
function scopesFor({ rights }: IndexedKey, wanted: readonly string[]): readonly string[] {
  if (wanted.length === 0) return rights.scopeIds;
  return rights.scopeIds.filter((id) => wanted.some((name) => rights.access.holdsAt(name, id)));
}

/** Shapes a verdict for the caller. With a scope asked for, `permissions` are those held there. */
export function answerOf(
  verdict: Verdict,
  { permissions, scopeId }: Pick<VerificationRequest, 'permissions' | 'scopeId'>,
  requestId: string,
): VerifyAnswer {
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
  const { record, rights } = key;
  return {
    valid: true,
    code,
    status: 200,
    requestId,
    keyId: key.id,
    name: record.name,
    environment: record.environment,
    serviceAccountId: record.serviceAccountId,
    permissions: scopeId === null ? rights.permissions : rights.access.listAt(scopeId),
    scopes: scopesFor(key, permissions),
    expiresAt: record.expiresAtMs === null ? null : new Date(record.expiresAtMs).toISOString(),
    metadata: record.metadata,
    limits,
    retryAfter: null,
  };
}
