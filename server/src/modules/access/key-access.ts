import { ROOT_SCOPE } from '../scopes/scope.js';
import { AccessSet } from './access-set.js';
import type { Directory, StoredGrant } from './directory.js';
import { isOwnPermission } from './permission.js';

/** What the rights of a key follow from. */
export interface KeyGrants {
  /** Where the key lies. */
  readonly scopeId: string;
  readonly serviceAccountId: string | null;
  /** Whether grants of its own narrow what it inherits. */
  readonly narrowed: boolean;
  /** Own grants: what a standalone key holds, or what narrows. */
  readonly grants: readonly StoredGrant[];
  /** Grants each of which bounds the key as well, while it is held to less than the database says. */
  readonly heldTo?: readonly (readonly StoredGrant[])[];
}

/** "View own" permissions only count below the own customer of the key; without a customer they count nowhere. */
function limitOwn(access: AccessSet, directory: Directory, keyScopeId: string): AccessSet {
  if (!access.anywhere.list().some(isOwnPermission)) return access;
  const lies = directory.tree.customerOf(keyScopeId);
  // While a move is held, it is unknown whose it is.
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

/** What a key may do: its own grants, or what its service account holds, narrowed by own grants if there are any. */
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

/** A grant with the service account that it is inherited from. */
export interface SourcedGrant extends StoredGrant {
  readonly inheritedFromId: string | null;
}

/** Every grant that counts for a key, with the permissions that are left of it after narrowing, and where they hold. */
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

/** Where a new key lies when nobody says so: the lowest scope above all its grants; without grants the root. */
export const homeOf = (directory: Directory, grants: readonly StoredGrant[]): string =>
  grants.length === 0 ? ROOT_SCOPE.id : directory.tree.commonAncestor(grants.map(({ scopeId }) => scopeId));
