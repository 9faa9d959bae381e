import { AppError, badInput, type FieldError } from '../../core/errors.js';
import { AccessSet } from '../access/decide/access-set.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import {
  mergeGrants,
  parseGrants,
  sameGrants,
  seesScope,
  type GrantRequest,
} from '../access/decide/grant.js';
import { homeOf, keyAccess, type KeyGrants } from '../access/decide/key-access.js';
import { requireAt, requireHeld, type Principal } from '../access/decide/principal.js';
import { ROOT_SCOPE } from '../scopes/tree/scope.js';
import type { ApiKey } from './key.js';

/** The requested rights of a key: permissions or grants, not both. */
export interface GrantsRequest {
  readonly permissions?: readonly string[] | null;
  readonly grants?: readonly GrantRequest[] | null;
}

/** The same for a new key, with its scope and the service account it inherits from. */
export interface HomeRequest extends GrantsRequest {
  readonly serviceAccountId?: string | null;
  readonly scopeId?: string | null;
}

const refuse = (path: string, message: string): AppError => badInput([{ path, message }] as FieldError[]);

/** Determines the grants and scope of keys. Nobody can grant a key what they do not hold. */
export class KeyGrantsCheck {
  constructor(
    private readonly directory: Directory,
    private readonly access: Pick<AccessStore, 'permissionNames'>,
  ) {}

  /**
   * The grants of a new key. Errors: BAD_USER_INPUT if something does not exist, FORBIDDEN where the caller cannot
   * create keys, GRANT_NOT_HELD.
   */
  async ofNew(by: Principal, request: HomeRequest): Promise<KeyGrants> {
    const key =
      request.serviceAccountId == null
        ? await this.standalone(by, request)
        : await this.inheriting(by, request);
    this.requireMayGrant(by, key, key.grants);
    return key;
  }

  /**
   * The grants of a key after a change; undefined if the request does not change them. Errors: BAD_USER_INPUT,
   * GRANT_NOT_HELD.
   */
  async ofChanged(
    by: Principal,
    request: GrantsRequest,
  ): Promise<((key: ApiKey) => Pick<KeyGrants, 'grants' | 'narrowed'>) | undefined> {
    if (request.permissions === undefined && request.grants === undefined) return undefined;
    const parse = await this.parser(by, request);
    return (key) => {
      const inherits = key.serviceAccountId !== null;
      const asked = parse(inherits ? ROOT_SCOPE.id : key.scopeId);
      const grants = mergeGrants(key.grants, asked ?? [], by.access);
      const after = { grants, narrowed: inherits && asked !== null };
      const added = key.access.missing(keyAccess(this.directory, { ...key, ...after }));
      requireHeld(by, new AccessSet(this.directory.tree, added));
      const fresh = grants.filter((grant) => !key.grants.some((old) => sameGrants([old], [grant])));
      if (!inherits) this.requireMayGrant(by, { ...key, ...after }, fresh);
      return after;
    };
  }

  /**
   * The caller must hold everything that the key gains. Grants outside the scope of the key are invisible to those
   * who manage keys there, so the caller must be one of those.
   */
  private requireMayGrant(by: Principal, key: KeyGrants, grants: readonly StoredGrant[]): void {
    if (key.serviceAccountId !== null) return requireHeld(by, keyAccess(this.directory, key));
    requireHeld(by, this.directory.expand(grants));
    for (const { scopeId } of grants) {
      if (!this.directory.tree.isWithin(scopeId, key.scopeId)) {
        requireAt(by, 'keywright.keys.write', scopeId);
      }
    }
  }

  private async standalone(by: Principal, request: HomeRequest): Promise<KeyGrants> {
    const parse = await this.parser(by, request);
    const scopeId = request.scopeId ?? this.homeFor(by, request.permissions == null ? (parse('') ?? []) : []);
    if (!seesScope(by.access, scopeId)) throw refuse('scopeId', 'This scope does not exist.');
    requireAt(by, 'keywright.keys.write', scopeId);
    return { scopeId, serviceAccountId: null, narrowed: false, grants: parse(scopeId) ?? [] };
  }

  private async inheriting(by: Principal, request: HomeRequest): Promise<KeyGrants> {
    const account = this.directory.serviceAccount(request.serviceAccountId!);
    const seen =
      account &&
      ['keywright.keys.read', 'keywright.keys.write'].some((name) =>
        by.access.holdsAt(name, account.scopeId),
      );
    if (!seen) throw refuse('serviceAccountId', 'This service account does not exist.');
    const { id: serviceAccountId, scopeId } = account;
    requireAt(by, 'keywright.keys.write', scopeId);
    if (request.scopeId != null && request.scopeId !== scopeId) {
      throw refuse('scopeId', 'A key has the scope of its service account; leave this out.');
    }
    const narrowing = (await this.parser(by, request))(ROOT_SCOPE.id);
    return { scopeId, serviceAccountId, narrowed: narrowing !== null, grants: narrowing ?? [] };
  }

  /** The default scope of a key: the lowest common scope above its grants, if the caller can create keys there. */
  private homeFor(by: Principal, grants: readonly StoredGrant[]): string {
    const home = homeOf(this.directory, grants);
    if (by.access.holdsAt('keywright.keys.write', home)) return home;
    const reach = by.access.reach('keywright.keys.write');
    if (reach !== 'EVERYTHING' && reach.length === 1) return reach[0]!;
    throw refuse('scopeId', 'Specify the scope of the key: you can create keys in more than one.');
  }

  /**
   * Parses the request once; the returned function takes the scope of plain permissions, and is null if nothing was
   * given.
   */
  private async parser(
    by: Principal,
    { permissions, grants }: GrantsRequest,
  ): Promise<(scopeId: string) => StoredGrant[] | null> {
    if (permissions != null && grants != null) {
      throw refuse('permissions', 'Specify permissions or grants, not both.');
    }
    const permissionNames = await this.access.permissionNames();
    const check = { directory: this.directory, permissionNames, access: by.access };
    if (grants != null) {
      const parsed = parseGrants(grants, check, 'grants');
      return () => parsed;
    }
    if (permissions == null) return () => null;
    const parsed = parseGrants([{ permissions }], check, 'permissions');
    return (scopeId) => parsed.map((grant) => ({ ...grant, scopeId }));
  }
}
