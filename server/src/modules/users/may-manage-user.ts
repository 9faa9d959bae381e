import { notFound } from '../../core/errors.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import { permissionsOf } from '../access/grant.js';
import { authorize, requireHeld, type RequestContext } from '../access/principal.js';
import type { User } from './user.js';
import type { UserStore } from './user-store.js';

/**
 * The user, if the caller may take over how they sign in. It must never let anybody reach more than they hold. Errors:
 * UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, GRANT_NOT_HELD.
 */
export type MayManageUser = (context: RequestContext, userId: string) => Promise<User>;

/** Whoever holds `keywright.users.manage`, and everything that the user holds. */
export const mayManageUser =
  (users: Pick<UserStore, 'find' | 'grantsOf'>): MayManageUser =>
  async (context, userId) => {
    const principal = authorize(context, 'keywright.users.manage');
    const user = isId(ID_PREFIXES.user, userId) ? await users.find(userId) : null;
    if (!user) throw notFound();
    const [grants = []] = await users.grantsOf([userId]);
    requireHeld(principal, permissionsOf(grants));
    return user;
  };
