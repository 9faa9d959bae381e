import type { MANAGEMENT_PERMISSIONS } from '@keywright/schema/permissions';
import type { Caller } from './caller.js';
import type { World } from './world.js';

/** The permissions that Keywright's own operations require. */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]['name'];

/** The class of a result; ALLOWED is everything else, including input errors. */
export type Outcome = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'ALLOWED' | 'INTERNAL';

/** Who can do something. */
export interface Rule {
  /** null: anyone; `signed-in`: any authenticated caller; otherwise a permission, or a list of which any one suffices. */
  readonly needs: null | 'signed-in' | ManagementPermission | readonly string[];
  /** Where it must be held: at any scope, at the root, or at or above the scope in which {@link World} creates objects. */
  readonly at: 'anywhere' | 'root' | 'scope';
  /** The permission that makes an object visible, so that lacking `needs` is FORBIDDEN, not NOT_FOUND; absent: reading keys. */
  readonly seenWith?: readonly ManagementPermission[] | 'anything';
  /** Restricts it to keys, which rejects sessions as no credential, or to users, which makes it FORBIDDEN for keys. */
  readonly onlyFor?: 'users' | 'keys';
  /** The code for callers who cannot see the target scope of a creation; absent: NOT_FOUND. */
  readonly lost?: string;
  /** The code that every authorized caller gets in this world; absent: the owner succeeds. */
  readonly gets?: string;
}

/** The rule of a query, mutation or subscription field. */
export interface OperationRule extends Rule {
  /** Its arguments; required objects are created for each call. */
  readonly variables: (
    world: World,
    caller: Caller,
  ) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /** Replaces the document generated from the schema. */
  readonly document?: string;
  /** Whether it ends the caller's session, as a new sign-in does; each call then gets its own session. */
  readonly endsSession?: true;
}

/** The rule of a route. */
export interface RouteRule extends Rule {
  /** The JSON body to send; absent: none. */
  readonly body?: (world: World) => unknown;
  /** Environment of the calling keys. */
  readonly environment?: string;
}

/** Rules by operation (`Query.apiKeys`) or route (`GET /livez`). */
export type Rules<Kind extends Rule> = Readonly<Record<string, Kind>>;
