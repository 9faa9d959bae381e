import type { Transaction } from '../../core/transaction.js';
import { AppError } from '../../core/errors.js';
import type { Actor } from '../access/decide/actor.js';
import type { Directory, StoredGrant } from '../access/decide/directory.js';
import type { HolderBounds } from '../access/decide/holder-bounds.js';
import type { Principal } from '../access/decide/principal.js';
import { requireWholeUser } from './may-manage-user.js';
import type { User } from './user.js';
import type { UserStore } from './user-store.js';

/** Who issued a link. */
export type Issuer = Pick<Actor, 'kind' | 'id'>;

/** The current permissions of a key, whatever address it is used from; null if it is revoked, disabled or expired. */
export type KeyNow = (keyId: string) => Principal | null;

export interface IssuersDeps {
  readonly users: Pick<UserStore, 'find' | 'grantsOf'>;
  readonly directory: Directory;
  readonly keyNow: KeyNow;
  readonly bounds: Pick<HolderBounds, 'requirePersonBound'>;
}

const noLonger = (): AppError =>
  new AppError('FORBIDDEN', 'The person who issued this link can no longer do so. Ask for a new one.');

/** What issuers of links can do when a link is used, which can be less than when it was issued. */
export class Issuers {
  constructor(private readonly deps: IssuersDeps) {}

  /** The current state of the issuer; null if they are disabled or deleted. */
  async now(issuer: Issuer, tx: Transaction): Promise<Principal | null> {
    const { users, directory, keyNow } = this.deps;
    if (issuer.id === null) return null;
    if (issuer.kind === 'API_KEY') return keyNow(issuer.id);
    const user = await users.find(issuer.id, tx);
    if (!user?.enabled) return null;
    const [grants = []] = await users.grantsOf([user.id], tx);
    return {
      actor: { kind: 'USER', id: user.id, name: user.name },
      access: directory.expand(grants),
      ip: null,
      sessionId: null,
    };
  }

  /**
   * Lets a link sign in its user only while its issuer could still issue it: the issuer is enabled, manages the user,
   * and holds everything that the user holds. Keywright itself, which sends links on request, always can. Error:
   * FORBIDDEN.
   */
  async requireMayIssue(issuer: Issuer | null, user: User, tx: Transaction): Promise<void> {
    if (issuer === null) {
      throw new AppError('FORBIDDEN', 'This link was issued before an upgrade. Ask for a new one.');
    }
    if (issuer.kind === 'SYSTEM') return;
    const [grants = []] = await this.deps.users.grantsOf([user.id], tx);
    await this.requireMayGrant(issuer, grants, tx);
  }

  /**
   * Lets an invitation grant only what its issuer could still grant, where the issuer still manages users. Error:
   * FORBIDDEN.
   */
  async requireMayGrant(issuer: Issuer, grants: readonly StoredGrant[], tx: Transaction): Promise<void> {
    const principal = await this.now(issuer, tx);
    if (!principal || !this.mayManage(principal, grants)) throw noLonger();
    await this.deps.bounds.requirePersonBound(tx, principal, grants);
  }

  private mayManage(principal: Principal, grants: readonly StoredGrant[]): boolean {
    if (!principal.access.holdsAnywhere('keywright.users.manage')) return false;
    try {
      requireWholeUser(principal, this.deps.directory, grants);
      return true;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }
}
