import type { KeyChanges } from './key-store.js';
import type { ApiKey } from './key.js';

/**
 * Whether a change lets a key do more than now: works again or for longer, from elsewhere, or more often. Whoever makes it
 * must hold everything that the key may do, as if they granted it.
 */
export function widens(key: ApiKey, changes: KeyChanges): boolean {
  const { enabled, expiresAt, allowedCidrs, rateLimits } = changes;
  if (enabled === true && !key.enabled) return true;
  if (allowedCidrs !== undefined || rateLimits !== undefined) return true;
  if (expiresAt === undefined || key.expiresAt === null) return false;
  return expiresAt === null || expiresAt > key.expiresAt;
}
