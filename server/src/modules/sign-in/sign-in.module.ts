import type { OidcSettings } from '../../config/config.js';
import type { Secrets } from '../../config/master-key.js';
import { monotonicClock } from '../../core/clock.js';
import { transactionsOf } from '../../core/transaction.postgres.js';
import type { Module, ModuleDeps } from '../access/decide/module.js';
import type { Users } from '../users/users.module.js';
import { Attempts } from './passwords/attempts.js';
import { PostgresAttemptStore } from './passwords/attempts.postgres.js';
import { PostgresChallengeStore } from './second-factor/challenge-store.postgres.js';
import { InstallationStore } from './set-up/installation-store.postgres.js';
import { KnownDevices } from './sessions/known-devices.js';
import { ExternalSignIn } from './oidc/external-sign-in.js';
import { GroupRoleStore } from './oidc/group-role-store.postgres.js';
import { GroupRoleResolver } from './oidc/group-role.resolver.js';
import { GroupRoles } from './oidc/group-roles.js';
import { IdentityProvider } from './oidc/identity-provider.js';
import { PostgresIdentityStore } from './oidc/identity-store.postgres.js';
import type { OidcDeps } from './oidc/oidc.route.js';
import { PendingCookie } from './oidc/pending-sign-in.js';
import { OwnPassword } from './passwords/own-account.js';
import { OwnSessionsResolver } from './sessions/own-sessions.resolver.js';
import { OwnerSetUp } from './set-up/owner-set-up.js';
import { PostgresPasswordLinkStore } from './passwords/password-link-store.postgres.js';
import { PasswordLinkResolver } from './passwords/password-link.resolver.js';
import { PasswordLinks, type PasswordLinksDeps } from './passwords/password-links.js';
import { PasswordReset } from './passwords/password-reset.js';
import { PasswordHasher } from './passwords/password.js';
import { PasswordResolver } from './passwords/password.resolver.js';
import { Passwords } from './passwords/passwords.js';
import { SECOND_FACTOR_BOX } from './second-factor/second-factor-seal.js';
import { SecondFactor } from './second-factor/second-factor.js';
import { SessionService } from './sessions/session-service.js';
import { PostgresSessionStore } from './sessions/session-store.postgres.js';
import { SessionResolver } from './sessions/session.resolver.js';
import { SettingsResolver } from './second-factor/settings.resolver.js';
import { SignIn } from './sessions/sign-in.js';
import { TwoFactorPolicy } from './second-factor/two-factor-policy.js';
import { PostgresTwoFactorStore } from './second-factor/two-factor-store.postgres.js';
import { TwoFactor } from './second-factor/two-factor.js';
import { TwoFactorResolver } from './second-factor/two-factor.resolver.js';
import { ViewerResolver, type InstallationInfo } from './sessions/viewer.resolver.js';

export interface SignInDeps extends ModuleDeps {
  readonly secrets: Secrets;
  readonly people: Users;
  readonly mail: PasswordLinksDeps['mail'];
  /** undefined: single sign-on is not configured. */
  readonly oidc: OidcSettings | undefined;
  /** Whether the public URL uses https. */
  readonly secure: boolean;
  /** The path of the public URL; empty if there is none. */
  readonly basePath: string;
  readonly info: InstallationInfo;
}

/** How people sign in: passwords, second factors, single sign-on, sessions, and the first owner. */
export function createSignIn(deps: SignInDeps) {
  const { dataSource, clock, events, changes, directory, people, mail, info, log } = deps;
  const { users, mayManage } = people;
  const inTransaction = transactionsOf(dataSource);
  const openLinks = new PostgresPasswordLinkStore(dataSource);
  const links = new PasswordLinks({ clock, store: openLinks, mail, publicUrl: info.publicUrl, log });
  const passwords = new PasswordHasher();
  const attempts = new Attempts(new PostgresAttemptStore(dataSource), clock);
  const ownPassword = new OwnPassword(users, passwords, attempts);
  const installation = new InstallationStore(dataSource);
  const challenges = new PostgresChallengeStore(dataSource);
  const factors = new PostgresTwoFactorStore(dataSource);
  const sessions = new SessionService({
    inTransaction,
    clock,
    users,
    sessions: new PostgresSessionStore(dataSource),
    events,
    changes,
    directory,
  });
  people.changed.on(() => sessions.forget());
  const box = deps.secrets.boxFor(SECOND_FACTOR_BOX);
  const secondFactor = new SecondFactor({ clock, store: factors, box, events });
  const signIn = new SignIn({ clock, users, sessions, challenges, secondFactor, attempts, passwords });
  const twoFactor = new TwoFactor({
    clock,
    users,
    store: factors,
    secondFactor,
    sessions,
    challenges,
    ownPassword,
    attempts,
    events,
    changes,
  });
  const policy = new TwoFactorPolicy({ installation, sessions, changes });
  const passwordChanges = new Passwords({
    clock,
    users,
    links: openLinks,
    invitations: people.acceptance,
    issuers: people.issuers,
    sessions,
    challenges,
    signIn,
    ownPassword,
    passwords,
    attempts,
    events,
  });
  const resets = new PasswordReset({
    inTransaction,
    clock,
    users,
    links,
    store: openLinks,
    attempts,
    events,
    mailEnabled: info.mailEnabled,
    log,
  });
  const groupRoles =
    deps.oidc &&
    new GroupRoles({
      inTransaction,
      store: new GroupRoleStore(),
      events,
      clock,
      setting: deps.oidc.groupRoles,
    });
  const setUp = new OwnerSetUp({ inTransaction, clock, users, installation, passwords, sessions, events });
  return {
    sessions,
    setUp,
    devices: new KnownDevices(deps.secrets.boxFor('known device'), clock, deps.secure, deps.basePath),
    /** Binds unbound role names in the settings. */
    bindGroupRoles: async () => groupRoles?.bindNew(),
    /** Dependencies of the single sign-on routes; undefined without an identity provider. */
    singleSignOn: (cookie: OidcDeps['cookie']): OidcDeps | undefined =>
      deps.oidc && {
        provider: new IdentityProvider(deps.oidc, monotonicClock),
        signIn: new ExternalSignIn({
          clock,
          users,
          identities: new PostgresIdentityStore(),
          invitations: people.invitationStore,
          installation,
          sessions,
          events,
          groupRoles: groupRoles!,
          log,
        }),
        sessions,
        cookie,
        pendingCookie: new PendingCookie(
          deps.secrets.boxFor('single sign-on'),
          clock,
          deps.secure,
          deps.basePath,
        ),
        publicUrl: info.publicUrl,
        basePath: deps.basePath,
      },
    resolvers: [
      new GroupRoleResolver(groupRoles, directory),
      new OwnSessionsResolver(sessions, factors, mayManage),
      new PasswordLinkResolver({ changes, clock, links, store: openLinks, mayManageUser: mayManage }),
      new PasswordResolver(passwordChanges, resets, info.localSignIn),
      new SessionResolver(signIn, sessions, setUp, info.localSignIn),
      new SettingsResolver(policy),
      new TwoFactorResolver(twoFactor, factors, mayManage),
      new ViewerResolver(users, setUp, directory, policy, info),
    ],
    subscribers: {
      'user.disabled': async (tx, { subject }) => {
        await sessions.removeAll(tx, subject.id!, null);
        await openLinks.remove(tx, subject.id!);
      },
      // The issuer of an open link held what the user held then, not what the user holds now.
      'user.updated': async (tx, { subject, changes: { grants } }) =>
        grants && openLinks.remove(tx, subject.id!),
    },
    tidy: () => Promise.all([sessions.prune(), links.prune(), signIn.prune(), twoFactor.prune()]),
    close: () => resets.close(),
  } satisfies Module & Record<string, unknown>;
}
