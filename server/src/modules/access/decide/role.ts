import type { AccessExcess } from '../../scopes/tree/scope.js';

/** A named set of permissions. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly permissions: readonly string[];
  readonly builtIn: boolean;
  /** Incremented by every edit, no matter who makes it. */
  readonly version: number;
  /** The ways in which a hold restricts the role below its database state. */
  readonly held?: readonly AccessExcess[];
}

/** The built-in role of the first owner. */
export const OWNER_ROLE_ID = 'rol_00000000000000000000000000';
