import type { VerdictCode } from '@keywright/schema/verdicts';
import { ROOT_SCOPE } from '../scopes/scope.js';
import type { IndexedKey } from './indexed-key.js';
import type { VerificationRequest } from './verdict.js';

/** One check of a proven key: the code it refuses with, or undefined when it has nothing against the request. */
export type Step = (key: IndexedKey, request: VerificationRequest, nowMs: number) => VerdictCode | undefined;

/** Revoked, expired or disabled, in this order; a key expires with the first millisecond of its expiry. */
export const checkLifecycle: Step = (key, _request, nowMs) => {
  if (key.revoked) return 'KEY_REVOKED';
  if (key.expiresAtMs !== null && nowMs >= key.expiresAtMs) return 'KEY_EXPIRED';
  return key.enabled ? undefined : 'KEY_DISABLED';
};

/** A key works in its own environment only. */
export const checkEnvironment: Step = (key, request) =>
  key.environment === request.environment ? undefined : 'WRONG_ENVIRONMENT';

/** A key with address ranges works from there only. */
export const checkAddress: Step = (key, request) =>
  key.ipRanges.allows(request.ip) ? undefined : 'IP_NOT_ALLOWED';

/** Any of the wanted permissions will do; wanting none asks for nothing. */
export const checkPermission: Step = (key, request) =>
  key.permissionSet.coversAny(request.permissions) ? undefined : 'PERMISSION_DENIED';

/** Grants lie at the root and cover everything below it; a scope that does not exist is covered by nothing. */
export const checkScope: Step = (key, request) =>
  request.scopeId === null || (request.scopeId === ROOT_SCOPE.id && key.scopeIds.includes(ROOT_SCOPE.id))
    ? undefined
    : 'SCOPE_DENIED';

/** What is asked of a proven key before its limits are charged, in this order. */
export const STEPS: readonly Step[] = [
  checkLifecycle,
  checkEnvironment,
  checkAddress,
  checkPermission,
  checkScope,
];
