import type { AccessExcess } from '../scopes/scope.js';

/** A named set of permissions. */
export interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly permissions: readonly string[];
  readonly builtIn: boolean;
  /** Grows with each change that people make, whoever makes it. */
  readonly version: number;
  /** In what it is held to less than the database says. */
  readonly held?: readonly AccessExcess[];
}

/** The built-in role of the first owner. */
export const OWNER_ROLE_ID = 'rol_00000000000000000000000000';
