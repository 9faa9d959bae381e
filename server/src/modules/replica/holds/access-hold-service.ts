import type { Transaction } from '../../../core/transaction.js';
import { AppError, notFound } from '../../../core/errors.js';
import { ID_PREFIXES, isId } from '../../../core/id.js';
import type { Propagation } from '../../../core/propagation.js';
import { AccessSet } from '../../access/decide/access-set.js';
import type { AccessStore } from '../../access/decide/access-store.postgres.js';
import type { Directory } from '../../access/decide/directory.js';
import { meetPermissions, PermissionSet } from '../../access/decide/permission.js';
import { requireHeld, type Principal } from '../../access/decide/principal.js';
import type { Changes } from '../../events/changes.js';
import { domainEvent, type SubjectType } from '../../events/domain-event.js';
import type { RouteRuleList } from '../../route-rules/route-rule.js';
import type { RouteRuleStore } from '../../route-rules/route-rule-store.postgres.js';
import type { RoleStore } from '../../access/roles/role-store.postgres.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import type { ServiceAccountStore } from '../../service-accounts/service-account-store.postgres.js';
import type { ScopeStore } from '../../scopes/management/scope-store.postgres.js';
import { waitingAccounts } from '../../scopes/management/waiting-accounts.postgres.js';
import type { AccessHold, AccessHoldStore } from './access-hold-store.postgres.js';

/** A settled hold and how far the change has propagated. */
export interface SettledAccessHold {
  readonly hold: AccessHold;
  readonly propagation: Propagation;
}

export interface AccessHoldServiceDeps {
  readonly holds: AccessHoldStore;
  readonly serviceAccounts: ServiceAccountStore;
  readonly roles: RoleStore;
  readonly scopes: ScopeStore;
  readonly routeRules: RouteRuleStore;
  readonly access: Pick<AccessStore, 'lockedPermissionNames'>;
  readonly directory: Directory;
  readonly changes: Changes;
}

const SUBJECT_TYPES: Readonly<Record<AccessHold['target'], SubjectType>> = {
  service_account: 'ServiceAccount',
  role: 'Role',
  scope: 'Scope',
  route_rules: 'Settings',
};
const NOUNS = {
  service_account: 'service_account',
  role: 'role',
  scope: 'scope',
  route_rules: 'route_rule',
} as const;

/** Settles lost changes to service accounts, roles, scopes and route rules after a database restore. */
export class AccessHoldService {
  constructor(private readonly deps: AccessHoldServiceDeps) {}

  /** Unsettled holds. */
  list(): Promise<AccessHold[]> {
    return this.deps.holds.list();
  }

  /**
   * Repeats the lost change. Errors: NOT_FOUND, NAME_TAKEN, CONFLICT if the change depends on something else that was
   * lost.
   */
  apply(by: Principal, id: string): Promise<SettledAccessHold> {
    return this.settle(by, id, 'hold_applied', async (tx, hold) => {
      await this.deps.holds.settle(tx, id, 'APPLIED');
      await this.close(tx, hold);
    });
  }

  /** Accepts the state of the database. Errors: NOT_FOUND, GRANT_NOT_HELD. */
  release(by: Principal, id: string): Promise<SettledAccessHold> {
    return this.settle(by, id, 'hold_released', async (tx, hold) => {
      requireHeld(by, await this.revived(tx, hold));
      await this.deps.holds.settle(tx, id, 'RELEASED');
    });
  }

  private async settle(
    by: Principal,
    id: string,
    verb: 'hold_applied' | 'hold_released',
    work: (tx: Transaction, hold: AccessHold) => Promise<void>,
  ): Promise<SettledAccessHold> {
    if (!isId(ID_PREFIXES.accessHold, id)) throw notFound();
    const { value: hold, propagation } = await this.deps.changes.run(by, async (tx) => {
      await this.deps.scopes.lockMoves(tx);
      const hold = await this.deps.holds.lock(tx, id);
      if (!hold) throw notFound();
      await work(tx, hold);
      const { target, targetId, targetName } = hold;
      const subject = {
        type: SUBJECT_TYPES[target],
        id: target === 'route_rules' ? null : targetId,
        name: targetName,
        scopeIds: target === 'scope' ? [targetId] : [],
      };
      const changes = { hold: { before: hold.reasons, after: null } };
      return { value: hold, events: [domainEvent(`${NOUNS[target]}.${verb}`, subject, changes)] };
    });
    return { hold, propagation };
  }

  /** The access that a release restores. The caller must hold it, since nobody can grant what they do not hold. */
  private async revived(tx: Transaction, hold: AccessHold): Promise<AccessSet> {
    const { directory, serviceAccounts, roles } = this.deps;
    if (hold.target === 'service_account') {
      const account = await serviceAccounts.lock(tx, hold.targetId);
      return directory.expand(account?.grants ?? []);
    }
    if (hold.target === 'scope' && !hold.reasons.includes('MOVED')) {
      const accounts = await waitingAccounts(tx, hold.targetId, { withOwn: true });
      return directory.expand(accounts.flatMap(({ grants }) => grants));
    }
    const role = hold.target === 'role' ? await roles.lock(tx, hold.targetId) : null;
    // A moved scope regains grants from above, which can contain any permission.
    const permissions = role?.permissions ?? (hold.reasons.includes('MOVED') ? ['*'] : []);
    return new AccessSet(directory.tree, [{ scopeId: ROOT_SCOPE.id, permissions }]);
  }

  /** Restores the whole list: no smaller change is known to be as strict. */
  private async restoreRules(tx: Transaction, { rules, noMatch }: RouteRuleList): Promise<void> {
    const { routeRules, access } = this.deps;
    const known = await access.lockedPermissionNames(tx);
    const lost = rules.find(({ permission }) => permission !== null && !known.has(permission))?.permission;
    if (lost != null) {
      throw new AppError(
        'CONFLICT',
        `The database has also lost the permission ${lost}, which these rules require. Recreate it first.`,
      );
    }
    await routeRules.save(tx, await routeRules.lock(tx), rules);
    await routeRules.setNoMatch(tx, noMatch);
  }

  private async close(tx: Transaction, { targetId, restriction: to }: AccessHold): Promise<void> {
    const { directory, serviceAccounts, roles, scopes } = this.deps;
    if ('rules' in to) return this.restoreRules(tx, to);
    if ('grants' in to) {
      const account = await serviceAccounts.lock(tx, targetId);
      if (!account) throw notFound();
      if (account.enabled && !to.enabled) await serviceAccounts.update(tx, { ...account, enabled: false });
      const [own, bound] = [directory.expand(account.grants), directory.expand(to.grants)];
      if (bound.missing(own).length === 0) return;
      const grants = own
        .meet(bound)
        .entries()
        .map((entry) => ({ ...entry, roleId: null }));
      await serviceAccounts.replaceGrants(tx, targetId, grants);
    } else if ('permissions' in to) {
      const role = await roles.lock(tx, targetId);
      if (!role) throw notFound();
      const [own, bound] = [new PermissionSet(role.permissions), new PermissionSet(to.permissions)];
      await roles.save(tx, { ...role, permissions: meetPermissions(own, bound).sort() });
    } else {
      const scope = await scopes.lock(tx, targetId);
      if (!scope) throw notFound();
      if (scope.apiEnabled && !to.apiEnabled) await scopes.setApiEnabled(tx, targetId, false);
      if (to.parentId === null || to.parentId === scope.parentId) return;
      if (!(await scopes.lock(tx, to.parentId))) {
        throw new AppError(
          'CONFLICT',
          'The database has also lost the scope that this one was moved to. Recreate it and move this scope there, then release the hold.',
        );
      }
      await scopes.update(tx, targetId, { parentId: to.parentId });
    }
  }
}
