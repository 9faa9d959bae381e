import type { KeyChanges } from './key-store.js';
import type { ApiKey } from './key.js';

/**
 * Whether a change lets a key do more than now: work again or for longer, from elsewhere, more often, with other
 * signatures, or with other metadata. The caller must then hold everything that the key can do, as if granting it.
 */
export function widens(key: ApiKey, changes: KeyChanges): boolean {
  const { enabled, expiresAt, allowedCidrs, rateLimits, quotas, metadata, signatureProfiles } = changes;
  if (enabled === true && !key.enabled) return true;
  // Protected APIs can decide by metadata, which is part of each verification.
  if ([allowedCidrs, rateLimits, quotas, metadata].some((change) => change !== undefined)) return true;
  if (signatureProfiles?.some((profile) => !key.signatureProfiles.includes(profile))) return true;
  if (expiresAt === undefined || key.expiresAt === null) return false;
  return expiresAt === null || expiresAt > key.expiresAt;
}

/**
 * Whether a change makes a key pass for another one: people recognize what they regenerate, copy or enable by its
 * name and description.
 */
export const renames = ({ name, description }: KeyChanges): boolean =>
  name !== undefined || description !== undefined;
