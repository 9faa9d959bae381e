import type { MANAGEMENT_PERMISSIONS } from '@keywright/schema/permissions';
import { AppError, notFound } from '../../core/errors.js';
import type { SlotHolder } from '../../core/slots.js';
import { ROOT_SCOPE } from '../scopes/scope.js';
import type { AccessSet, Reach } from './access-set.js';
import { seesScope } from './grant.js';
import type { Actor } from './actor.js';

/** The permissions that Keywright's own operations ask for. */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]['name'];

/** An authenticated caller of the management API: a user or a key, judged by the same code. */
export interface Principal {
  readonly actor: Actor;
  readonly access: AccessSet;
  /** Peer address of the request, for the audit log. */
  readonly ip: string | null;
  /** Set for users who came with a session. */
  readonly sessionId: string | null;
  /** Set for a key that came with the secret before its last regenerate. */
  readonly usedPreviousSecret?: boolean;
  /** The customer that a key, or everything that a user may do, belongs to; null: none, or more than one. */
  readonly customerId?: string | null;
  /** Names the secret that a key came with: what it began ends with this secret. */
  readonly secretName?: string | undefined;
}

/** What every resolver gets: who asks, and from where. */
export interface RequestContext {
  readonly principal: Principal | null;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** The caller, or UNAUTHENTICATED. */
export function requirePrincipal(context: RequestContext): Principal {
  if (!context.principal) {
    throw new AppError('UNAUTHENTICATED', 'Sign in, or send an API key that may do this in X-API-KEY.');
  }
  return context.principal;
}

/** The caller if it is a person: a key could be made to get round what a session may not do to its own user. Error: FORBIDDEN. */
export function requirePerson(context: RequestContext): Principal {
  const principal = requirePrincipal(context);
  if (principal.actor.kind !== 'USER') {
    throw new AppError('FORBIDDEN', 'Only a signed-in user may do this.');
  }
  return principal;
}

const forbidden = (permission: ManagementPermission): AppError =>
  new AppError('FORBIDDEN', `This needs the permission ${permission}.`);

/** The caller if it holds the permission at some scope at least; errors: UNAUTHENTICATED, FORBIDDEN. */
export function authorize(context: RequestContext, permission: ManagementPermission): Principal {
  const principal = requirePrincipal(context);
  if (!principal.access.holdsAnywhere(permission)) throw forbidden(permission);
  return principal;
}

/** Where the caller holds the permission, for lists; errors: UNAUTHENTICATED, FORBIDDEN when that is nowhere. */
export const authorizeReach = (context: RequestContext, permission: ManagementPermission): Reach =>
  authorize(context, permission).access.reach(permission);

/** The caller if it holds the permission at the scope; errors: UNAUTHENTICATED, FORBIDDEN. For what the caller may see anyway. */
export function authorizeAt(
  context: RequestContext,
  permission: ManagementPermission,
  scopeId: string = ROOT_SCOPE.id,
): Principal {
  const principal = requirePrincipal(context);
  requireAt(principal, permission, scopeId);
  return principal;
}

/** Error: FORBIDDEN when the permission is not held at the scope. */
export function requireAt(principal: Principal, permission: ManagementPermission, scopeId: string): void {
  if (!principal.access.holdsAt(permission, scopeId)) throw forbidden(permission);
}

/**
 * What lies at a scope may be changed: errors: NOT_FOUND when the caller may not even see it, FORBIDDEN when it may only
 * see it. `reading` is the permission that shows it.
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

/** Nobody grants, or takes over, what they do not hold at that scope; error: GRANT_NOT_HELD. */
export function requireHeld(principal: Principal, wanted: AccessSet): void {
  const { access } = principal;
  const missing = access.missing(wanted);
  if (missing.length === 0) return;
  // What is held where the caller sees nothing is not told.
  const seen = missing.filter(({ scopeId }) => seesScope(access, scopeId));
  const names = [...new Set(seen.flatMap(({ permissions }) => permissions))].sort();
  const message =
    names.length > 0
      ? `You do not hold ${names.join(', ')} there yourself.`
      : 'You do not hold all of this yourself: some of it is granted elsewhere.';
  throw new AppError('GRANT_NOT_HELD', message);
}

/** Who holds what the caller opens. */
export const holderOf = ({ actor, customerId = null }: Principal): SlotHolder => ({
  callerId: actor.id ?? actor.kind,
  customerId,
});
