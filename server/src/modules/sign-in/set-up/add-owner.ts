import type { Transaction } from '../../../core/transaction.js';
import type { Clock } from '../../../core/clock.js';
import { SYSTEM_ACTOR } from '../../access/decide/actor.js';
import { OWNER_ROLE_ID } from '../../access/decide/role.js';
import { domainEvent } from '../../events/domain-event.js';
import type { EventRecorder } from '../../events/event-recorder.js';
import type { User } from '../../users/user.js';
import type { UserStore } from '../../users/user-store.js';
import type { InstallationStore } from './installation-store.postgres.js';

export interface OwnerDeps {
  readonly clock: Clock;
  readonly users: UserStore;
  readonly installation: InstallationStore;
  readonly events: EventRecorder;
}

/** Adds an owner on behalf of the operator and invalidates any setup link. Error: NAME_TAKEN. */
export async function addOwner(
  { clock, users, installation, events }: OwnerDeps,
  tx: Transaction,
  input: { readonly email: string; readonly name: string; readonly passwordHash: string },
  ip: string | null,
): Promise<User> {
  const user = await users.add(tx, input, OWNER_ROLE_ID, new Date(clock.now()));
  await installation.clearSetUpToken(tx);
  const created = domainEvent(
    'user.created',
    { type: 'User', id: user.id, name: user.name },
    { email: { after: user.email }, role: { after: 'Owner' } },
  );
  await events.record(tx, { actor: SYSTEM_ACTOR, ip }, created);
  return user;
}
