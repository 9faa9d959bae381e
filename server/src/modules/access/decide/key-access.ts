import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import { AccessSet } from './access-set.js';
import type { Directory, StoredGrant } from './directory.js';
import { isOwnPermission } from './permission.js';

/** The inputs to the permissions of a key. */
export interface KeyGrants {
  /** The scope of the key. */
  readonly scopeId: string;
  readonly serviceAccountId: string | null;
  /** Whether the key's own grants narrow what it inherits. */
  readonly narrowed: boolean;
  /** Own grants: all that a standalone key holds, or the narrowing ones. */
  readonly grants: readonly StoredGrant[];
  /** Further lists of grants, each an additional bound while a hold restricts the key below its database state. */
  readonly heldTo?: readonly (readonly StoredGrant[])[];
}

/** "View own" permissions count only below the customer of the key, and nowhere for a key without a customer. */
function limitOwn(access: AccessSet, directory: Directory, keyScopeId: string): AccessSet {
  if (!access.anywhere.list().some(isOwnPermission)) return access;
  const lies = directory.tree.customerOf(keyScopeId);
  // While a move is held, the customer is uncertain.
  const customer = lies !== null && directory.tree.isWithin(keyScopeId, lies) ? lies : null;
  return new AccessSet(
    directory.tree,
    access.entries().flatMap(({ scopeId, permissions }) => {
      const own = permissions.filter(isOwnPermission);
      const lower = customer === null || own.length === 0 ? null : directory.tree.lower(scopeId, customer);
      return [
        { scopeId, permissions: permissions.filter((name) => !isOwnPermission(name)) },
        ...(lower === null ? [] : [{ scopeId: lower, permissions: own }]),
      ];
    }),
  );
}

/** The permissions of a key: its own grants, or those of its service account, narrowed by its own if it has any. */
export function keyAccess(directory: Directory, key: KeyGrants): AccessSet {
  const granted = grantedTo(directory, key);
  const access = (key.heldTo ?? []).reduce((held, bound) => held.meet(directory.expand(bound)), granted);
  return limitOwn(access, directory, key.scopeId);
}

function grantedTo(directory: Directory, { serviceAccountId, narrowed, grants }: KeyGrants): AccessSet {
  if (serviceAccountId === null) return directory.expand(grants);
  const inherited = directory.accessOf(serviceAccountId);
  return narrowed ? inherited.meet(directory.expand(grants)) : inherited;
}

/** A grant and the service account that it is inherited from. */
export interface SourcedGrant extends StoredGrant {
  readonly inheritedFromId: string | null;
}

/** Every grant in effect for a key, with the scope and the permissions that remain after narrowing. */
export function effectiveGrants(directory: Directory, key: KeyGrants): SourcedGrant[] {
  const inheritedFromId = key.serviceAccountId;
  const sources =
    inheritedFromId === null ? key.grants : (directory.serviceAccount(inheritedFromId)?.grants ?? []);
  const own = key.narrowed ? directory.expand(key.grants) : null;
  return sources.flatMap((source) => {
    const whole = directory.expand([source]);
    const left = limitOwn(own ? whole.meet(own) : whole, directory, key.scopeId);
    return left.entries().map((entry) => ({ ...entry, roleId: source.roleId, inheritedFromId }));
  });
}

/** Default scope of a new key: the lowest scope above all its grants; the root if it has none. */
export const homeOf = (directory: Directory, grants: readonly StoredGrant[]): string =>
  grants.length === 0 ? ROOT_SCOPE.id : directory.tree.commonAncestor(grants.map(({ scopeId }) => scopeId));
