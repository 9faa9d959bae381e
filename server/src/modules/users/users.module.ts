import type { Module, ModuleDeps } from '../access/decide/module.js';
import type { RequestContext } from '../access/decide/principal.js';
import { InvitationAcceptance } from './invitation-acceptance.js';
import { InvitationStore } from './invitation-store.postgres.js';
import { InvitationResolver } from './invitation.resolver.js';
import { Invitations, type InvitationsDeps } from './invitations.js';
import { Issuers, type KeyNow } from './issuer.js';
import { mayManageUser } from './may-manage-user.js';
import { UserAdminStore } from './user-admin-store.postgres.js';
import { UserAdminResolver, visibleUser } from './user-admin.resolver.js';
import { UserService } from './user-service.js';
import { PostgresUserStore } from './user-store.postgres.js';
import { UserResolver } from './user.resolver.js';

export interface UsersDeps extends ModuleDeps {
  readonly keyNow: KeyNow;
  /** Called after an invitation was accepted. */
  readonly onAccepted: () => void;
  readonly mail: InvitationsDeps['mail'];
}

/** Users and how they join. */
export function createUsers(deps: UsersDeps) {
  const { dataSource, clock, access, directory, changes, bounds, mail, publicUrl, log } = deps;
  const users = new PostgresUserStore(dataSource);
  const store = new UserAdminStore(dataSource);
  const mayManage = mayManageUser(users, directory);
  const service = new UserService({ store, access, directory, changes, bounds });
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
