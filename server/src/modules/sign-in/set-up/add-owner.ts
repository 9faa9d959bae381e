import type { EntityManager } from 'typeorm';
import type { Clock } from '../../../core/clock.js';
import { SYSTEM_ACTOR } from '../../access/decide/actor.js';
import { OWNER_ROLE_ID } from '../../access/decide/role.js';
import type { AuditRecorder } from '../../audit/audit-recorder.js';
import type { User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { InstallationStore } from './installation-store.postgres.js';

export interface OwnerDeps {
  readonly clock: Clock;
  readonly users: UserStore;
  readonly installation: InstallationStore;
  readonly audit: AuditRecorder;
}

/** Adds an owner on behalf of the operator and invalidates any setup link. Error: NAME_TAKEN. */
export async function addOwner(
  { clock, users, installation, audit }: OwnerDeps,
  manager: EntityManager,
  input: { readonly email: string; readonly name: string; readonly passwordHash: string },
  ip: string | null,
): Promise<User> {
  const user = await users.add(manager, input, OWNER_ROLE_ID, new Date(clock.now()));
  await installation.clearSetUpToken(manager);
  await audit.record(manager, {
    actor: SYSTEM_ACTOR,
    action: 'user.create',
    targetType: 'User',
    targetId: user.id,
    targetName: user.name,
    ip,
    changes: { email: { after: user.email }, role: { after: 'Owner' } },
  });
  return user;
}
