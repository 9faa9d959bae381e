import type { DataSource, EntityManager } from 'typeorm';
import { AppError, notFound } from '../../../core/errors.js';
import { ID_PREFIXES, isId } from '../../../core/id.js';
import type { Propagation } from '../../../core/propagation.js';
import { AccessSet } from '../../access/decide/access-set.js';
import type { AccessStore } from '../../access/decide/access-store.postgres.js';
import type { Directory } from '../../access/decide/directory.js';
import { meetPermissions, PermissionSet } from '../../access/decide/permission.js';
import { requireHeld, type Principal } from '../../access/decide/principal.js';
import type { AuditTargetType } from '../../audit/audit-event.js';
import type { ChangeRunner } from '../../audit/change-runner.js';
import type { RouteRuleList } from '../../route-rules/route-rule.js';
import type { RouteRuleStore } from '../../route-rules/route-rule-store.postgres.js';
import type { RoleStore } from '../../access/roles/role-store.postgres.js';
import { ROOT_SCOPE } from '../../scopes/tree/scope.js';
import type { ServiceAccountStore } from '../../service-accounts/service-account-store.postgres.js';
import type { ScopeStore } from '../../scopes/management/scope-store.postgres.js';
import { waitingAccounts } from '../../scopes/management/waiting-accounts.postgres.js';
import {
  listAccessHolds,
  lockAccessHold,
  settleAccessHold,
  type AccessHold,
} from './access-hold-store.postgres.js';

/** A settled hold and how far the change has propagated. */
export interface SettledAccessHold {
  readonly hold: AccessHold;
  readonly propagation: Propagation;
}

export interface AccessHoldServiceDeps {
  readonly dataSource: DataSource;
  readonly serviceAccounts: ServiceAccountStore;
  readonly roles: RoleStore;
  readonly scopes: ScopeStore;
  readonly routeRules: RouteRuleStore;
  readonly access: Pick<AccessStore, 'lockedPermissionNames'>;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
}

const TARGETS: Readonly<Record<AccessHold['target'], AuditTargetType>> = {
  service_account: 'ServiceAccount',
  role: 'Role',
  scope: 'Scope',
  route_rules: 'Settings',
};
const ACTIONS = {
  service_account: 'serviceAccount',
  role: 'role',
  scope: 'scope',
  route_rules: 'routeRules',
} as const;

/** Settles lost changes to service accounts, roles, scopes and route rules after a database restore. */
export class AccessHoldService {
  constructor(private readonly deps: AccessHoldServiceDeps) {}

  /** Unsettled holds. */
  list(): Promise<AccessHold[]> {
    return listAccessHolds(this.deps.dataSource);
  }

  /**
   * Repeats the lost change. Errors: NOT_FOUND, NAME_TAKEN, CONFLICT if the change depends on something else that was
   * lost.
   */
  apply(by: Principal, id: string): Promise<SettledAccessHold> {
    return this.settle(by, id, 'applyHold', async (manager, hold) => {
      await settleAccessHold(manager, id, 'APPLIED');
      await this.close(manager, hold);
    });
  }

  /** Accepts the state of the database. Errors: NOT_FOUND, GRANT_NOT_HELD. */
  release(by: Principal, id: string): Promise<SettledAccessHold> {
    return this.settle(by, id, 'releaseHold', async (manager, hold) => {
      requireHeld(by, await this.revived(manager, hold));
      await settleAccessHold(manager, id, 'RELEASED');
    });
  }

  private async settle(
    by: Principal,
    id: string,
    action: string,
    work: (manager: EntityManager, hold: AccessHold) => Promise<void>,
  ): Promise<SettledAccessHold> {
    if (!isId(ID_PREFIXES.accessHold, id)) throw notFound();
    const { value: hold, propagation } = await this.deps.changes.run(by, async (manager) => {
      await this.deps.scopes.lockMoves(manager);
      const hold = await lockAccessHold(manager, id);
      if (!hold) throw notFound();
      await work(manager, hold);
      const noted = {
        action: `${ACTIONS[hold.target]}.${action}`,
        targetType: TARGETS[hold.target],
        targetId: hold.target === 'route_rules' ? null : hold.targetId,
        targetName: hold.targetName,
        scopeIds: hold.target === 'scope' ? [hold.targetId] : [],
        changes: { hold: { before: hold.reasons, after: null } },
      };
      return { value: hold, noted };
    });
    return { hold, propagation };
  }

  /** The access that a release restores. The caller must hold it, since nobody can grant what they do not hold. */
  private async revived(manager: EntityManager, hold: AccessHold): Promise<AccessSet> {
    const { directory, serviceAccounts, roles } = this.deps;
    if (hold.target === 'service_account') {
      const account = await serviceAccounts.lock(manager, hold.targetId);
      return directory.expand(account?.grants ?? []);
    }
    if (hold.target === 'scope' && !hold.reasons.includes('MOVED')) {
      const accounts = await waitingAccounts(manager, hold.targetId, { withOwn: true });
      return directory.expand(accounts.flatMap(({ grants }) => grants));
    }
    const role = hold.target === 'role' ? await roles.lock(manager, hold.targetId) : null;
    // A moved scope regains grants from above, which can contain any permission.
    const permissions = role?.permissions ?? (hold.reasons.includes('MOVED') ? ['*'] : []);
    return new AccessSet(directory.tree, [{ scopeId: ROOT_SCOPE.id, permissions }]);
  }

  /** Restores the whole list: no smaller change is known to be as strict. */
  private async restoreRules(manager: EntityManager, { rules, noMatch }: RouteRuleList): Promise<void> {
    const { routeRules, access } = this.deps;
    const known = await access.lockedPermissionNames(manager);
    const lost = rules.find(({ permission }) => permission !== null && !known.has(permission))?.permission;
    if (lost != null) {
      throw new AppError(
        'CONFLICT',
        `The database has also lost the permission ${lost}, which these rules require. Recreate it first.`,
      );
    }
    await routeRules.save(manager, await routeRules.lock(manager), rules);
    await routeRules.setNoMatch(manager, noMatch);
  }

  private async close(manager: EntityManager, { targetId, restriction: to }: AccessHold): Promise<void> {
    const { directory, serviceAccounts, roles, scopes } = this.deps;
    if ('rules' in to) return this.restoreRules(manager, to);
    if ('grants' in to) {
      const account = await serviceAccounts.lock(manager, targetId);
      if (!account) throw notFound();
      if (account.enabled && !to.enabled)
        await serviceAccounts.update(manager, { ...account, enabled: false });
      const [own, bound] = [directory.expand(account.grants), directory.expand(to.grants)];
      if (bound.missing(own).length === 0) return;
      const grants = own
        .meet(bound)
        .entries()
        .map((entry) => ({ ...entry, roleId: null }));
      await serviceAccounts.replaceGrants(manager, targetId, grants);
    } else if ('permissions' in to) {
      const role = await roles.lock(manager, targetId);
      if (!role) throw notFound();
      const [own, bound] = [new PermissionSet(role.permissions), new PermissionSet(to.permissions)];
      await roles.save(manager, { ...role, permissions: meetPermissions(own, bound).sort() });
    } else {
      const scope = await scopes.lock(manager, targetId);
      if (!scope) throw notFound();
      if (scope.apiEnabled && !to.apiEnabled) await scopes.setApiEnabled(manager, targetId, false);
      if (to.parentId === null || to.parentId === scope.parentId) return;
      if (!(await scopes.lock(manager, to.parentId))) {
        throw new AppError(
          'CONFLICT',
          'The database has also lost the scope that this one was moved to. Recreate it and move this scope there, then release the hold.',
        );
      }
      await scopes.update(manager, targetId, { parentId: to.parentId });
    }
  }
}
