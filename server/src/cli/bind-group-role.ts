import { systemClock } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import { SYSTEM_ACTOR } from '../modules/access/decide/actor.js';
import { AuditRecorder } from '../modules/audit/audit-recorder.js';
import { GroupRoleStore } from '../modules/sign-in/oidc/group-role-store.postgres.js';
import type { Command } from './command.js';
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
    await dataSource.transaction(async (manager) => {
      const [role]: { name: string }[] = await manager.query(
        'select name from role where id = $1 for key share',
        [roleId],
      );
      if (!role) {
        throw new AppError(
          'NOT_FOUND',
          `No role has the ID ${roleId}. Copy the ID from the details page of the role.`,
        );
      }
      const former = await new GroupRoleStore().rebind(manager, name, roleId, new Date(systemClock.now()));
      await new AuditRecorder(systemClock).record(manager, {
        actor: SYSTEM_ACTOR,
        action: 'settings.groupRoleBind',
        targetType: 'Role',
        targetId: roleId,
        targetName: role.name,
        ip: null,
        changes: { name: { after: name }, role: { before: former ?? null, after: roleId } },
      });
      terminal.print(`“${name}” in OIDC_GROUP_ROLES now maps to the role “${role.name}” (${roleId}).`);
      terminal.print('Users get it at their next sign-in.');
    });
    return true;
  };
