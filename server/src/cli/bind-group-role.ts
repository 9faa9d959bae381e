import { systemClock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import { managerOf, transactionsOf } from '../core/transaction.postgres.js';
import { domainEvent } from '../modules/events/domain-event.js';
import { GroupRoleStore } from '../modules/sign-in/oidc/group-role-store.postgres.js';
import type { Command } from './command.js';
import { OPERATOR, recorder } from './recorder.js';
import { unlockWorkspace } from './workspace.js';

/** A name in OIDC_GROUP_ROLES and the role to bind it to. */
export interface GroupRoleRequest {
  readonly name: string;
  readonly roleId: string;
}

/** Binds a name in OIDC_GROUP_ROLES to another role. Error: NOT_FOUND. */
export const bindGroupRole =
  ({ name: given, roleId }: GroupRoleRequest): Command =>
  async ({ workspace, terminal }) => {
    const name = given.trim();
    const { dataSource } = workspace;
    await unlockWorkspace(workspace);
    await transactionsOf(dataSource)(async (tx) => {
      const [role]: { name: string }[] = await managerOf(tx).query(
        'select name from role where id = $1 for key share',
        [roleId],
      );
      if (!role) {
        throw new AppError(
          'NOT_FOUND',
          `No role has the ID ${roleId}. Copy the ID from the details page of the role.`,
        );
      }
      const former = await new GroupRoleStore().rebind(tx, name, roleId, new Date(systemClock.now()));
      const bound = domainEvent(
        'setting.group_role_bound',
        { type: 'Role', id: roleId, name: role.name },
        { name: { after: name }, role: { before: former ?? null, after: roleId } },
      );
      await recorder().record(tx, OPERATOR, bound);
      terminal.print(`“${name}” in OIDC_GROUP_ROLES now maps to the role “${role.name}” (${roleId}).`);
      terminal.print('Users get it at their next sign-in.');
    });
    return true;
  };
