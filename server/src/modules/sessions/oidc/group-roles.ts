import type { DataSource, EntityManager } from 'typeorm';
import type { GroupRole } from '../../../config/config.js';
import type { Clock } from '../../../core/clock.js';
import { SYSTEM_ACTOR } from '../../access/actor.js';
import type { AuditRecorder } from '../../audit/audit-recorder.js';
import type { GroupRoleBinding, GroupRoleStore } from './group-role-store.postgres.js';

/** A role that a group brings. */
export interface BroughtRole {
  /** The name of the role in the setting. */
  readonly name: string;
  readonly scopeId: string;
  /** null: no role has had this name so far, or the role was deleted. */
  readonly roleId: string | null;
}

/** An entry of the setting, and what it stands for. */
export interface GroupRoleEntry extends BroughtRole {
  readonly group: string;
  /** Whether the name stands for one role for good, even if that was deleted. */
  readonly bound: boolean;
}

/** What {@link GroupRoles} works with. */
export interface GroupRolesDeps {
  readonly dataSource: DataSource;
  readonly store: GroupRoleStore;
  readonly audit: AuditRecorder;
  readonly clock: Clock;
  readonly setting: ReadonlyMap<string, readonly GroupRole[]>;
}

const roleOf = (bindings: readonly GroupRoleBinding[], name: string): string | null =>
  bindings.find((binding) => binding.name === name)?.roleId ?? null;

/** The roles that groups of the identity provider bring. */
export class GroupRoles {
  constructor(private readonly deps: GroupRolesDeps) {}

  /** Binds the names in the setting that were never seen before to the roles that have them now. */
  async bindNew(): Promise<void> {
    const names = this.names();
    if (names.length === 0) return;
    await this.deps.dataSource.transaction((manager) => this.bind(manager, names));
  }

  /** What groups bring, within a sign-in; a name that waited for its role so far is bound. */
  async broughtBy(manager: EntityManager, groups: readonly string[]): Promise<BroughtRole[]> {
    const wanted = [...new Set(groups)].flatMap((group) => this.deps.setting.get(group) ?? []);
    const names = wanted.map(({ role }) => role);
    await this.bind(manager, names);
    const bindings = await this.deps.store.bindings(manager, names);
    return wanted.map(({ role: name, scopeId }) => ({ name, scopeId, roleId: roleOf(bindings, name) }));
  }

  /** Everything that the setting names, and what it stands for. */
  async list(): Promise<GroupRoleEntry[]> {
    const { dataSource, store, setting } = this.deps;
    const bindings = await store.bindings(dataSource.manager, this.names());
    return [...setting].flatMap(([group, roles]) =>
      roles.map(({ role, scopeId }) => {
        const binding = bindings.find(({ name }) => name === role);
        return { group, name: role, scopeId, roleId: binding?.roleId ?? null, bound: binding !== undefined };
      }),
    );
  }

  private async bind(manager: EntityManager, names: readonly string[]): Promise<void> {
    const { store, audit, clock } = this.deps;
    for (const { name, roleId } of await store.bindNew(manager, names, new Date(clock.now()))) {
      await audit.record(manager, {
        actor: SYSTEM_ACTOR,
        action: 'settings.groupRoleBind',
        targetType: 'Role',
        targetId: roleId,
        targetName: name,
        ip: null,
        changes: { role: { before: null, after: roleId } },
      });
    }
  }

  private names(): string[] {
    return [...new Set([...this.deps.setting.values()].flat().map(({ role }) => role))];
  }
}
