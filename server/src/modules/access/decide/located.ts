import type { AccessSet } from './access-set.js';
import type { ManagementPermission } from './principal.js';

/** An event with the scope of its key; null if it concerns no key, or a deleted one. */
export interface Located {
  readonly keyScopeId: string | null;
}

/**
 * Whether a caller can receive a live event. Events without a key require the permission for the whole installation.
 */
export const mayHear = (
  access: AccessSet,
  permission: ManagementPermission,
  { keyScopeId }: Located,
): boolean =>
  keyScopeId === null ? access.holdsEverywhere(permission) : access.holdsAt(permission, keyScopeId);
