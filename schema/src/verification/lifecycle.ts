import type { KeyLifecycle } from './key-facts.js';

const DAY_MS = 86_400_000;

/** How long before its expiry a key counts as expiring soon. */
export const EXPIRING_SOON_MS = 30 * DAY_MS;

/** The state of a key as people see it; the first that applies, in this order: REVOKED, EXPIRED, INACTIVE, EXPIRING_SOON. */
export type KeyStatus = 'ACTIVE' | 'EXPIRING_SOON' | 'INACTIVE' | 'EXPIRED' | 'REVOKED';

/**
 * Why a key is rejected for its state: revoked, expired or disabled, checked in this order; undefined if it is not. A key
 * expires at the first millisecond of its expiry.
 */
export function lifecycleFault(
  key: KeyLifecycle,
  nowMs: number,
): 'KEY_REVOKED' | 'KEY_EXPIRED' | 'KEY_DISABLED' | undefined {
  if (key.revoked) return 'KEY_REVOKED';
  const { expiresAtMs } = key;
  if (expiresAtMs !== null && nowMs >= expiresAtMs) return 'KEY_EXPIRED';
  return key.enabled ? undefined : 'KEY_DISABLED';
}

const STATUS_OF_FAULT = { KEY_REVOKED: 'REVOKED', KEY_EXPIRED: 'EXPIRED', KEY_DISABLED: 'INACTIVE' } as const;

/** The status of a key at a moment, in agreement with how its verifications end. */
export function keyStatusOf(key: KeyLifecycle, nowMs: number): KeyStatus {
  const fault = lifecycleFault(key, nowMs);
  if (fault !== undefined) return STATUS_OF_FAULT[fault];
  const { expiresAtMs } = key;
  return expiresAtMs !== null && expiresAtMs - nowMs <= EXPIRING_SOON_MS ? 'EXPIRING_SOON' : 'ACTIVE';
}
