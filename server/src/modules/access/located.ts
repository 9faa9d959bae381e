import type { AccessSet } from './access-set.js';
import type { ManagementPermission } from './principal.js';

/** Something that happened to a key, with where that key lies; null: to no key, or to one that is gone. */
export interface Located {
  readonly keyScopeId: string | null;
}

/** Who may hear of what happens live: what is about no key is for those who may hear of everything. */
export const mayHear = (
  access: AccessSet,
  permission: ManagementPermission,
  { keyScopeId }: Located,
): boolean =>
  keyScopeId === null ? access.holdsEverywhere(permission) : access.holdsAt(permission, keyScopeId);
