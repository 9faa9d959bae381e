import { lifecycleFault } from '@keywright/schema/lifecycle';
import type { VerdictCode } from '@keywright/schema/verdicts';
import type { IndexedKey } from './indexed-key.js';
import type { VerificationRequest } from './verdict.js';

/** One check of a proven key: the code it refuses with, or undefined when it has nothing against the request. */
export type Step = (key: IndexedKey, request: VerificationRequest, nowMs: number) => VerdictCode | undefined;

/**
 * Revoked, expired or disabled, in this order. A service account, or the API of a customer or organization, that is switched
 * off disables its keys.
 */
export const checkLifecycle: Step = (key, _request, nowMs) => {
  const { revoked, enabled } = key.traits;
  return lifecycleFault(revoked, key.record.expiresAtMs, enabled && key.rights.active, nowMs);
};

/** A key works in its own environment only. */
export const checkEnvironment: Step = (key, request) =>
  key.traits.environment === request.environment ? undefined : 'WRONG_ENVIRONMENT';

/** A key with address ranges works from there only. */
export const checkAddress: Step = (key, request) =>
  key.ipRanges.allows(request.ip) ? undefined : 'IP_NOT_ALLOWED';

/**
 * Any of the wanted permissions will do, held anywhere; wanting none asks for nothing. One of them, or any grant when none is
 * wanted, must cover the scope; nothing covers one that does not exist.
 */
export const checkRights: Step = (key, { permissions, scopeId, closed }) =>
  closed === true ? 'PERMISSION_DENIED' : key.rights.judge(permissions, scopeId).refused;

/** What is asked of a proven key before its limits are charged, in this order. */
export const STEPS: readonly Step[] = [checkLifecycle, checkEnvironment, checkAddress, checkRights];
