/**
 * Why a key is rejected for its state: revoked, expired or disabled, checked in this order; undefined if it is not. A key expires
 * at the first millisecond of its expiry. Times are milliseconds since 1970; `enabled` is also false while the key's service
 * account or API is disabled.
 */
export function lifecycleFault(
  revoked: boolean,
  expiresAtMs: number | null,
  enabled: boolean,
  nowMs: number,
): 'KEY_REVOKED' | 'KEY_EXPIRED' | 'KEY_DISABLED' | undefined {
  if (revoked) return 'KEY_REVOKED';
  if (expiresAtMs !== null && nowMs >= expiresAtMs) return 'KEY_EXPIRED';
  return enabled ? undefined : 'KEY_DISABLED';
}
