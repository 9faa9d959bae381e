import type { KeyChanges } from './key-store.js';
import type { ApiKey } from './key.js';

/**
 * Whether a change lets a key do more than now: works again or for longer, from elsewhere, more often, signed otherwise, or with other metadata. Whoever makes it
 * must hold everything that the key may do, as if they granted it.
 */
export function widens(key: ApiKey, changes: KeyChanges): boolean {
  const { enabled, expiresAt, allowedCidrs, rateLimits, quotas, metadata, signatureProfiles } = changes;
  if (enabled === true && !key.enabled) return true;
  // Protected APIs may decide by metadata, which comes with each verification.
  if ([allowedCidrs, rateLimits, quotas, metadata].some((change) => change !== undefined)) return true;
  if (signatureProfiles?.some((profile) => !key.signatureProfiles.includes(profile))) return true;
  if (expiresAt === undefined || key.expiresAt === null) return false;
  return expiresAt === null || expiresAt > key.expiresAt;
}

/** Whether a change makes a key pass for another one; by name and description people know what they regenerate, copy or switch on. */
export const renames = ({ name, description }: KeyChanges): boolean =>
  name !== undefined || description !== undefined;
