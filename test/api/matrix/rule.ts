import type { MANAGEMENT_PERMISSIONS } from '@keywright/schema/permissions';
import type { Caller } from './caller.js';
import type { World } from './world.js';

/** The permissions that Keywright's own operations ask for. */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]['name'];

/** How an answer is told apart from others; ALLOWED is everything but the rest, faults of the input included. */
export type Outcome = 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'ALLOWED' | 'INTERNAL';

/** Who may do something. */
export interface Rule {
  /** null: anyone; `signed-in`: any caller who is known; else a permission, or a list of which any will do. */
  readonly needs: null | 'signed-in' | ManagementPermission | readonly string[];
  /** Where it must be held: in any scope, at the root, or at the scope in which {@link World} makes things (or above). */
  readonly at: 'anywhere' | 'root' | 'scope';
  /** What shows a thing at its scope, so that lacking `needs` is FORBIDDEN there, not NOT_FOUND; absent: reading keys. */
  readonly seenWith?: readonly ManagementPermission[] | 'anything';
  /** Whom alone it is for: a session is no credential for what is for keys, and a key is FORBIDDEN what is for users. */
  readonly onlyFor?: 'users' | 'keys';
  /** The code of whoever does not see where something was to be made; absent: NOT_FOUND. */
  readonly lost?: string;
  /** The code that everyone who may ask gets in this world; absent: the owner succeeds. */
  readonly gets?: string;
}

/** The rule of a query, mutation or subscription field. */
export interface OperationRule extends Rule {
  /** Values of its arguments; what must exist is made anew for each call. */
  readonly variables: (
    world: World,
    caller: Caller,
  ) => Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /** Sent instead of the document that is made from the schema. */
  readonly document?: string;
  /** Whether it ends the session that it comes with, as signing in anew does: then each call gets one of its own. */
  readonly endsSession?: true;
}

/** The rule of a route. */
export interface RouteRule extends Rule {
  /** The JSON body to send; absent: none. */
  readonly body?: (world: World) => unknown;
  /** Keys that call it are of this environment. */
  readonly environment?: string;
}

/** Rules by operation (`Query.apiKeys`) or route (`GET /livez`). */
export type Rules<Kind extends Rule> = Readonly<Record<string, Kind>>;
