/**
 * Why the state of a key refuses it: revoked, expired or disabled, in this order; undefined when it does not. A key expires with
 * the first millisecond of its expiry. Times are milliseconds since 1970; `enabled` is false also while something that the key
 * belongs to is switched off.
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
