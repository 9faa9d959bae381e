import type { DataSource } from 'typeorm';
import type { Clock } from '../../core/clock.js';
import type { AccessStore } from '../access/decide/access-store.postgres.js';
import type { Directory } from '../access/decide/directory.js';
import type { HolderBounds } from '../access/decide/holder-bounds.js';
import type { Module } from '../access/decide/module.js';
import type { RequestContext } from '../access/decide/principal.js';
import type { ChangeRunner } from '../audit/change-runner.js';
import { InvitationAcceptance } from './invitation-acceptance.js';
import { InvitationStore } from './invitation-store.postgres.js';
import { InvitationResolver } from './invitation.resolver.js';
import { Invitations, type InvitationsDeps } from './invitations.js';
import { Issuers, type KeyNow } from './issuer.js';
import { mayManageUser } from './may-manage-user.js';
import { UserAdminStore } from './user-admin-store.postgres.js';
import { UserAdminResolver, visibleUser } from './user-admin.resolver.js';
import { UserService, type UserServiceDeps } from './user-service.js';
import { PostgresUserStore } from './user-store.postgres.js';
import { UserResolver } from './user.resolver.js';

export interface UsersDeps {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly access: AccessStore;
  readonly directory: Directory;
  readonly changes: ChangeRunner;
  readonly bounds: HolderBounds;
  readonly keyNow: KeyNow;
  readonly endSessions: UserServiceDeps['endSessions'];
  readonly endLink: UserServiceDeps['endLink'];
  /** Called after an invitation was accepted. */
  readonly onAccepted: () => void;
  readonly mail: InvitationsDeps['mail'];
  readonly publicUrl: () => string;
  readonly log: (message: string, error?: unknown) => void;
}

/** Users and how they join. */
export function createUsers(deps: UsersDeps) {
  const { dataSource, clock, access, directory, changes, bounds, mail, publicUrl, log } = deps;
  const users = new PostgresUserStore(dataSource);
  const store = new UserAdminStore(dataSource);
  const mayManage = mayManageUser(users, directory);
  const service = new UserService({
    store,
    access,
    directory,
    changes,
    bounds,
    endSessions: deps.endSessions,
    endLink: deps.endLink,
  });
  const invitationStore = new InvitationStore(dataSource);
  const issuers = new Issuers({ users, directory, keyNow: deps.keyNow, bounds });
  const invitations = new Invitations({
    store: invitationStore,
    mail,
    access,
    directory,
    changes,
    bounds,
    clock,
    publicUrl,
    log,
  });
  const acceptance = new InvitationAcceptance({
    store: invitationStore,
    users: store,
    issuers,
    access,
    directory,
    changes,
    clock,
  });
  return {
    users,
    /** Emits after a change of a user's permissions or ability to sign in. */
    changed: service.changed,
    visible: (context: RequestContext, id: string) => visibleUser(context, users, id),
    mayManage,
    invitationStore,
    acceptance,
    issuers,
    resolvers: [
      new InvitationResolver({
        store: invitationStore,
        invitations,
        acceptance,
        directory,
        clock,
        accepted: deps.onAccepted,
      }),
      new UserAdminResolver(users, store, service),
      new UserResolver(users, directory),
    ],
    nodes: {
      usr: (context: RequestContext, id: string) =>
        context.principal?.actor.id === id ? users.find(id) : visibleUser(context, users, id),
    },
    tidy: () => invitations.prune(),
  } satisfies Module & Record<string, unknown>;
}

/** What {@link createUsers} provides to other modules. */
export type Users = ReturnType<typeof createUsers>;
