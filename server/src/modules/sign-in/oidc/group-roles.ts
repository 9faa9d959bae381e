import type { InTransaction, Transaction } from '../../../core/transaction.js';
import type { GroupRole } from '../../../config/config.js';
import type { Clock } from '../../../core/clock.js';
import { SYSTEM_ACTOR } from '../../access/decide/actor.js';
import { domainEvent } from '../../events/domain-event.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { GroupRoleBinding, GroupRoleStore } from './group-role-store.postgres.js';

/** A role assigned by a group. */
export interface BroughtRole {
  /** The name of the role in the setting. */
  readonly name: string;
  readonly scopeId: string;
  /** null: no role has had this name yet, or the role was deleted. */
  readonly roleId: string | null;
}

/** An entry of the setting and its binding. */
export interface GroupRoleEntry extends BroughtRole {
  readonly group: string;
  /** Whether the name is permanently bound to a role, even one that was deleted. */
  readonly bound: boolean;
}

export interface GroupRolesDeps {
  readonly inTransaction: InTransaction;
  readonly store: GroupRoleStore;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly setting: ReadonlyMap<string, readonly GroupRole[]>;
}

const roleOf = (bindings: readonly GroupRoleBinding[], name: string): string | null =>
  bindings.find((binding) => binding.name === name)?.roleId ?? null;

/** The roles that groups of the identity provider assign. */
export class GroupRoles {
  constructor(private readonly deps: GroupRolesDeps) {}

  /** Binds the unbound names in the setting to the roles that currently have them. */
  async bindNew(): Promise<void> {
    const names = this.names();
    if (names.length === 0) return;
    await this.deps.inTransaction((tx) => this.bind(tx, names));
  }

  /** The roles that these groups assign, during a sign-in; binds names whose role exists by now. */
  async broughtBy(tx: Transaction, groups: readonly string[]): Promise<BroughtRole[]> {
    const wanted = [...new Set(groups)].flatMap((group) => this.deps.setting.get(group) ?? []);
    const names = wanted.map(({ role }) => role);
    await this.bind(tx, names);
    const bindings = await this.deps.store.bindings(tx, names);
    return wanted.map(({ role: name, scopeId }) => ({ name, scopeId, roleId: roleOf(bindings, name) }));
  }

  /** All entries of the setting with their bindings. */
  async list(): Promise<GroupRoleEntry[]> {
    const { inTransaction, store, setting } = this.deps;
    const bindings = await inTransaction((tx) => store.bindings(tx, this.names()));
    return [...setting].flatMap(([group, roles]) =>
      roles.map(({ role, scopeId }) => {
        const binding = bindings.find(({ name }) => name === role);
        return { group, name: role, scopeId, roleId: binding?.roleId ?? null, bound: binding !== undefined };
      }),
    );
  }

  private async bind(tx: Transaction, names: readonly string[]): Promise<void> {
    const { store, events, clock } = this.deps;
    for (const { name, roleId } of await store.bindNew(tx, names, new Date(clock.now()))) {
      const bound = domainEvent(
        'setting.group_role_bound',
        { type: 'Role', id: roleId, name },
        { role: { before: null, after: roleId } },
      );
      await events.record(tx, { actor: SYSTEM_ACTOR, ip: null }, bound);
    }
  }

  private names(): string[] {
    return [...new Set([...this.deps.setting.values()].flat().map(({ role }) => role))];
  }
}
