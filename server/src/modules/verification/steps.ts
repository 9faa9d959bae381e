import { lifecycleFault } from '@keywright/schema/lifecycle';
import type { VerdictCode } from '@keywright/schema/verdicts';
import type { IndexedKey } from '../replica/indexed-key.js';
import type { VerificationRequest } from './verdict.js';

/** One check of a proven key: the code it rejects with, or undefined if the request passes. */
export type Step = (key: IndexedKey, request: VerificationRequest, nowMs: number) => VerdictCode | undefined;

/**
 * Checks for revoked, expired and disabled, in this order. A disabled service account, or an API of a customer or
 * organization that is switched off, disables its keys.
 */
export const checkLifecycle: Step = (key, _request, nowMs) => {
  const { revoked, enabled } = key.traits;
  return lifecycleFault(revoked, key.record.expiresAtMs, enabled && key.rights.active, nowMs);
};

/** A key only works in its own environment. */
export const checkEnvironment: Step = (key, request) =>
  key.traits.environment === request.environment ? undefined : 'WRONG_ENVIRONMENT';

/** A key with address ranges only works from those. */
export const checkAddress: Step = (key, request) =>
  key.ipRanges.allows(request.ip) ? undefined : 'IP_NOT_ALLOWED';

/**
 * Any one of the wanted permissions, held anywhere, suffices; none wanted requires none. The grant of one of them, or
 * any grant if none is wanted, must cover the scope; nothing covers a scope that does not exist.
 */
export const checkRights: Step = (key, { permissions, scopeId, closed }) =>
  closed === true ? 'PERMISSION_DENIED' : key.rights.judge(permissions, scopeId).refused;

/** The checks of a proven key before its limits are charged, in this order. */
export const STEPS: readonly Step[] = [checkLifecycle, checkEnvironment, checkAddress, checkRights];
