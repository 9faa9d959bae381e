import type { Actor } from '../access/actor.js';
import type { StoredGrant } from '../access/directory.js';

/** A name, grants, and any number of keys that inherit the grants: what Frame calls an API provider. */
export interface ServiceAccount {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** Where it lies, with its keys. */
  readonly scopeId: string;
  readonly enabled: boolean;
  readonly grants: readonly StoredGrant[];
  /** Grows with each change that people make, whoever makes it. */
  readonly version: number;
  readonly createdAt: Date;
  readonly createdBy: Actor;
}

/** Which service accounts to list; all members must match. */
export interface ServiceAccountFilter {
  /** Those that lie at this scope or below. */
  readonly scopeId?: string | null | undefined;
  /** Part of the name or of the description. */
  readonly search?: string | null | undefined;
}
