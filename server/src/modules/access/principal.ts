import { AppError } from '../../core/errors.js';
import type { Actor } from './actor.js';
import type { PermissionSet } from './permission.js';
import type { MANAGEMENT_PERMISSIONS } from '@keywright/schema/permissions';

/** The permissions that Keywright's own operations ask for. */
export type ManagementPermission = (typeof MANAGEMENT_PERMISSIONS)[number]['name'];

/** An authenticated caller of the management API: a user or a key, judged by the same code. */
export interface Principal {
  readonly actor: Actor;
  readonly permissions: PermissionSet;
  /** Peer address of the request, for the audit log. */
  readonly ip: string | null;
  /** Set for users who came with a session. */
  readonly sessionId: string | null;
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

/** The caller if it holds the permission; errors: UNAUTHENTICATED, FORBIDDEN. */
export function authorize(context: RequestContext, permission: ManagementPermission): Principal {
  const principal = requirePrincipal(context);
  if (!principal.permissions.covers(permission)) {
    throw new AppError('FORBIDDEN', `This needs the permission ${permission}.`);
  }
  return principal;
}

/** Nobody grants, or takes over, what they do not hold; error: GRANT_NOT_HELD. */
export function requireHeld(principal: Principal, permissions: Iterable<string>): void {
  const missing = principal.permissions.missing(permissions);
  if (missing.length > 0) {
    throw new AppError('GRANT_NOT_HELD', `You do not hold ${missing.join(', ')} yourself.`);
  }
}
