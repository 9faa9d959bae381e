import type { MANAGEMENT_PERMISSIONS } from '@keywright/schema/permissions';
import { AppError, notFound } from '../../../core/errors.js';
import type { SlotHolder } from '../../../core/slots.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import type { AccessSet, Reach } from './access-set.js';
import { seesScope } from './grant.js';
import type { Actor } from './actor.js';

/** The permissions that Keywright's own operations require. */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]['name'];

/** An authenticated caller of the management API: a user or a key, checked by the same code. */
export interface Principal {
  readonly actor: Actor;
  readonly access: AccessSet;
  /** Peer address of the request, for the audit log. */
  readonly ip: string | null;
  /** Set for users who authenticated with a session. */
  readonly sessionId: string | null;
  /** Set for a key that authenticated with its previous secret. */
  readonly usedPreviousSecret?: boolean;
  /**
   * The customer of a key, or the one that contains everything a user can access; null if there is none or more than
   * one.
   */
  readonly customerId?: string | null;
  /** Identifies the secret that a key authenticated with; anything started with that secret ends when it does. */
  readonly secretName?: string | undefined;
}

/** What every resolver receives: the caller and the origin of the request. */
export interface RequestContext {
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** The caller. Error: UNAUTHENTICATED. */
export function requirePrincipal(context: RequestContext): Principal {
  if (!context.principal) {
    throw new AppError('UNAUTHENTICATED', 'Sign in, or send an API key that can do this in X-API-KEY.');
  }
  return context.principal;
}

/**
 * The caller, who must be a person: a key could be created to bypass what a session cannot do to its own user. Error:
 * FORBIDDEN.
 */
export function requirePerson(context: RequestContext): Principal {
  const principal = requirePrincipal(context);
  if (principal.actor.kind !== 'USER') {
    throw new AppError('FORBIDDEN', 'Only a signed-in user can do this.');
  }
  return principal;
}

const forbidden = (permission: ManagementPermission): AppError =>
  new AppError('FORBIDDEN', `This requires the permission ${permission}.`);

/** The caller, who must hold the permission at one scope or more. Errors: UNAUTHENTICATED, FORBIDDEN. */
export function authorize(context: RequestContext, permission: ManagementPermission): Principal {
  const principal = requirePrincipal(context);
  if (!principal.access.holdsAnywhere(permission)) throw forbidden(permission);
  return principal;
}

/** Where the caller holds the permission, for lists. Errors: UNAUTHENTICATED; FORBIDDEN if it is held nowhere. */
export const authorizeReach = (context: RequestContext, permission: ManagementPermission): Reach =>
  authorize(context, permission).access.reach(permission);

/**
 * The caller, who must hold the permission at the scope. For objects that are visible to the caller anyway. Errors:
 * UNAUTHENTICATED, FORBIDDEN.
 */
export function authorizeAt(
  context: RequestContext,
  permission: ManagementPermission,
  scopeId: string = ROOT_SCOPE.id,
): Principal {
  const principal = requirePrincipal(context);
  requireAt(principal, permission, scopeId);
  return principal;
}

/** Requires the permission at the scope. Error: FORBIDDEN. */
export function requireAt(principal: Principal, permission: ManagementPermission, scopeId: string): void {
  if (!principal.access.holdsAt(permission, scopeId)) throw forbidden(permission);
}

/**
 * Requires that the caller can change an object at the scope. `reading` is the permission that makes the object
 * visible. Errors: NOT_FOUND if the caller cannot see it, FORBIDDEN if the caller can only see it.
 */
export function requireChange(
  principal: Principal,
  permission: ManagementPermission,
  reading: ManagementPermission,
  scopeId: string,
): void {
  if (principal.access.holdsAt(permission, scopeId)) return;
  throw principal.access.holdsAt(reading, scopeId) ? forbidden(permission) : notFound();
}

/** Requires the caller to hold everything that is granted or taken over, at the same scopes. Error: GRANT_NOT_HELD. */
export function requireHeld(principal: Principal, wanted: AccessSet): void {
  const { access } = principal;
  const missing = access.missing(wanted);
  if (missing.length === 0) return;
  // Do not reveal what is held where the caller sees nothing.
  const seen = missing.filter(({ scopeId }) => seesScope(access, scopeId));
  const names = [...new Set(seen.flatMap(({ permissions }) => permissions))].sort();
  const message =
    names.length > 0
      ? `You do not have ${names.join(', ')} there yourself.`
      : 'You do not have all of this yourself: some of it is granted elsewhere.';
  throw new AppError('GRANT_NOT_HELD', message);
}

/** Identifies who occupies the slots that the caller opens. */
export const holderOf = ({ actor, customerId = null }: Principal): SlotHolder => ({
  callerId: actor.id ?? actor.kind,
  customerId,
});
