import type { Transaction } from '../../core/transaction.js';
import { AppError, notFound } from '../../core/errors.js';
import { ID_PREFIXES, isId } from '../../core/id.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import { authorize, requireHeld, type Principal, type RequestContext } from '../access/decide/principal.js';
import type { User } from './user.js';
import type { UserStore } from './user-store.js';

/**
 * Returns the user if the caller can take over their sign-in. It must never let anyone gain more than they hold. Inside
 * a transaction, the user stays unchanged until its end. Errors: UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, GRANT_NOT_HELD.
 */
export type MayManageUser = (context: RequestContext, userId: string, tx?: Transaction) => Promise<User>;

/**
 * Whether a caller sees a user: one with a grant where the caller manages users. A user without grants belongs to the
 * root.
 */
export const seesUser = ({ access }: Principal, grants: readonly StoredGrant[]): boolean =>
  access.holdsEverywhere('keywright.users.manage') ||
  grants.some(({ scopeId }) => access.holdsAt('keywright.users.manage', scopeId));

/**
 * A user as a whole (whether and how they sign in) can be managed by callers who manage users at every scope of the
 * user's grants and hold all of those grants. Errors: NOT_FOUND, FORBIDDEN, GRANT_NOT_HELD.
 */
export function requireWholeUser(
  principal: Principal,
  directory: Directory,
  grants: readonly StoredGrant[],
): void {
  if (!seesUser(principal, grants)) throw notFound();
  if (!grants.every(({ scopeId }) => principal.access.holdsAt('keywright.users.manage', scopeId))) {
    throw new AppError(
      'FORBIDDEN',
      'This user also holds grants elsewhere. Change their grants here instead.',
    );
  }
  requireHeld(principal, directory.expand(grants));
}

/** Creates a {@link MayManageUser}. */
export const mayManageUser =
  (users: Pick<UserStore, 'find' | 'lock' | 'grantsOf'>, directory: Directory): MayManageUser =>
  async (context, userId, tx) => {
    const principal = authorize(context, 'keywright.users.manage');
    if (!isId(ID_PREFIXES.user, userId)) throw notFound();
    const user = tx ? (await users.lock(tx, userId))?.user : await users.find(userId);
    if (!user) throw notFound();
    const [grants = []] = await users.grantsOf([userId], tx);
    requireWholeUser(principal, directory, grants);
    return user;
  };
