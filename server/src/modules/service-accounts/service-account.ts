import type { Actor } from '../access/decide/actor.js';
import type { StoredGrant } from '../access/decide/directory.js';

/** A name, grants, and any number of keys that inherit the grants; Frame calls it an API provider. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** The scope of the account and its keys. */
  readonly scopeId: string;
  readonly enabled: boolean;
  readonly grants: readonly StoredGrant[];
  /** Incremented by every edit, no matter who makes it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly createdBy: Actor;
}

/** Which service accounts to list; all criteria must match. */
export interface ServiceAccountFilter {
  /** At or below this scope. */
  readonly scopeId?: string | null | undefined;
  /** Part of the name or the description. */
  readonly search?: string | null | undefined;
}
